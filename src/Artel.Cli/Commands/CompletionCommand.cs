using System.CommandLine;

namespace Artel.Cli.Commands;

/// <summary><c>artel completion</c>: scripts that ask this program itself what fits, by the parser's [suggest] directive.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # artel completion for bash. Put it in ~/.bashrc:  source <(artel completion bash)
        _artel() {
            local line
            COMPREPLY=()
            while IFS= read -r line; do
                [[ $line == "${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$line")
            done < <("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
        }
        complete -o default -F _artel artel
        """;

    private const string Zsh = """
        #compdef artel
        # artel completion for zsh. Put it in ~/.zshrc, after compinit:  source <(artel completion zsh)
        _artel() {
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            found=(${found:#})
            if (( ${#found} )); then compadd -- "${found[@]}"; else _files; fi
        }
        compdef _artel artel
        """;

    private const string Fish = """
        # artel completion for fish:  artel completion fish > ~/.config/fish/completions/artel.fish
        complete -c artel -a '(set -l line (commandline -cp); artel "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
        """;

    private const string Pwsh = """
        # artel completion for PowerShell. Put it in $PROFILE:  artel completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName artel -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            artel "[suggest:$cursorPosition]" "$commandAst" 2>$null | Where-Object { $_ -like "$wordToComplete*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """;

    private static readonly Dictionary<string, string> Scripts = new() { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish, ["pwsh"] = Pwsh };

    public static Command Create(Surroundings s)
    {
        var words = string.Join(", ", Scripts.Keys);
        var shell = new Argument<string>("SHELL")
        {
            Description = $"One of {words}.",
            CustomParser = result =>
            {
                var name = result.Tokens[0].Value;
                if (!Scripts.ContainsKey(name))
                    result.AddError($"'{name}' is no shell that is known here: {words}");

                return name;
            },
        };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        var command = new Verb("completion", "Print the script that completes artel's commands in a shell.")
        {
            Examples = ["source <(artel completion bash)", "artel completion fish > ~/.config/fish/completions/artel.fish"],
        };
        command.Add(shell);
        command.SetAction(parsed =>
        {
            s.Terminal.Print(Scripts[parsed.GetRequiredValue(shell)]);
            return ExitStatus.Done;
        });
        return command;
    }
}
