using System.CommandLine;
using Artel.Cli.Commands;
using Artel.Cli.Output;
using Artel.Testing;

namespace Artel.Cli.Tests;

public sealed class HelpTests
{
    private static readonly string[] Contract =
    [
        "run", "up", "submit", "ls", "history", "show", "stats", "top", "logs", "why", "fetch", "wait", "audit", "cancel", "retry", "hold", "release",
        "set", "limit set", "limit ls", "limit rm", "events", "usage",
        "quota ls", "quota set", "quota rm",
        "schedule add", "schedule ls", "schedule show", "schedule pause", "schedule resume", "schedule run", "schedule rm",
        "node start", "node ls", "node show", "node drain", "node resume", "node stop", "node forget",
        "server start", "server status", "server rotate-key", "server stop", "token create", "token ls", "token revoke",
        "map check", "map plan", "dashboard", "doctor", "completion", "help",
    ];

    public static TheoryData<string> Commands() => new(Contract);

    [Fact]
    public void The_commands_are_those_of_the_contract()
    {
        using var surroundings = NewSurroundings();

        var all = Leaves(CommandTree.Create(surroundings)).Where(c => !c.Hidden).Select(c => CommandTree.PathOf(c)["artel ".Length..]);

        Assert.Equal(Contract.Order(), all.Order());
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_has_a_page_that_says_what_it_does_and_how_it_is_called(string command)
    {
        using var artel = new CommandLine();

        var status = await artel.RunAsync([.. command.Split(' '), "--help"]);

        Assert.Equal(ExitStatus.Done, status);
        Assert.Empty(artel.Error);
        var lines = artel.Output.Split('\n');
        Assert.Contains(".\n", artel.Output[..artel.Output.IndexOf("Usage:", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Contains(lines, l => l.StartsWith($"  artel {command}", StringComparison.Ordinal));
        Assert.Contains("--token", artel.Output, StringComparison.Ordinal);
        Assert.All(lines, l => Assert.True(l.Length <= 110, l));
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("history")]
    [InlineData("stats")]
    [InlineData("top")]
    [InlineData("show")]
    [InlineData("run")]
    [InlineData("submit")]
    [InlineData("logs")]
    [InlineData("why")]
    [InlineData("fetch")]
    [InlineData("wait")]
    [InlineData("cancel")]
    [InlineData("retry")]
    [InlineData("hold")]
    [InlineData("release")]
    [InlineData("up")]
    [InlineData("schedule add")]
    [InlineData("schedule ls")]
    [InlineData("schedule show")]
    [InlineData("schedule pause")]
    [InlineData("schedule resume")]
    [InlineData("schedule run")]
    [InlineData("schedule rm")]
    [InlineData("node ls")]
    [InlineData("node show")]
    [InlineData("node drain")]
    [InlineData("node forget")]
    [InlineData("server start")]
    [InlineData("server status")]
    [InlineData("server stop")]
    [InlineData("token create")]
    [InlineData("token ls")]
    [InlineData("token revoke")]
    [InlineData("map check")]
    [InlineData("map plan")]
    [InlineData("doctor")]
    public void What_prints_can_print_json(string command)
    {
        using var surroundings = NewSurroundings();
        var found = Leaves(CommandTree.Create(surroundings)).Single(c => CommandTree.PathOf(c) == $"artel {command}");

        Assert.Contains(found.Options, o => o.Name == "--json");
    }

    [Fact]
    public void The_reference_is_what_the_commands_say()
    {
        using var surroundings = NewSurroundings();
        using var text = new StringWriter();
        ReferenceCommand.Write((System.CommandLine.RootCommand)CommandTree.Create(surroundings), text);

        var kept = File.ReadAllText(Path.Combine(Binaries.Repository, "docs", "cli.md"));

        Assert.True(kept == text.ToString(), $"docs/cli.md is not what the commands say any more. Renew it: {ReferenceCommand.Renewal}");
    }

    [Fact]
    public async Task Every_topic_is_explained_and_a_mistyped_one_is_guessed()
    {
        using var artel = new CommandLine();

        foreach (var topic in HelpTopics.All)
        {
            Assert.Equal(ExitStatus.Done, await artel.RunAsync("help", topic.Name));
            Assert.Contains(topic.Rows[0].Name, artel.Output, StringComparison.Ordinal);
            Assert.All(artel.Output.Split('\n'), l => Assert.True(l.Length <= 110, l));
        }

        Assert.Equal(ExitStatus.Done, await artel.RunAsync("help"));
        Assert.Contains("selectors", artel.Output, StringComparison.Ordinal);
        Assert.Equal(ExitStatus.Done, await artel.RunAsync("help", "node", "drain"));
        Assert.Contains("artel node drain ID", artel.Output, StringComparison.Ordinal);
        Assert.Equal(ExitStatus.WrongUsage, await artel.RunAsync("help", "selector"));
        Assert.Contains("did you mean 'selectors'", artel.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_exit_statuses_of_the_json_page_are_those_of_the_program()
    {
        var page = File.ReadAllText(Path.Combine(Binaries.Repository, "docs", "cli-json.md"));

        Assert.All(ExitStatus.All, s => Assert.Contains(FormattableString.Invariant($"\n| {s.Status} | "), page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_cluster_a_completion_is_silent_and_a_doctor_says_what_to_do()
    {
        using var artel = new CommandLine();

        Assert.Equal(ExitStatus.Done, await artel.RunAsync("[suggest:11]", "artel show "));
        Assert.Empty(artel.Error);
        Assert.DoesNotContain("last", artel.Output, StringComparison.Ordinal);
        Assert.Equal(ExitStatus.TaskFailed, await artel.RunAsync("doctor"));
        Assert.Contains("fail  no cluster is configured\n      'artel up' starts one", artel.Output, StringComparison.Ordinal);
        artel.With("ARTEL_TOKEN", SomeTickets.For("127.0.0.1:9"));
        Assert.Equal(ExitStatus.TaskFailed, await artel.RunAsync("doctor"));
        Assert.Contains("fail  no server at 127.0.0.1:9", artel.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _artel artel")]
    [InlineData("zsh", "compdef _artel artel")]
    [InlineData("fish", "complete -c artel")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Completion_prints_a_script(string shell, string holds)
    {
        using var artel = new CommandLine();

        Assert.Equal(ExitStatus.Done, await artel.RunAsync("completion", shell));
        Assert.Contains(holds, artel.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shell_that_asks_is_told_what_fits()
    {
        using var artel = new CommandLine();

        await artel.RunAsync("[suggest:13]", "artel node dr");
        Assert.Equal("drain", artel.Output.Trim());

        await artel.RunAsync("[suggest:17]", "artel ls --state ");
        Assert.Contains("succeeded", artel.Output, StringComparison.Ordinal);
    }

    private static Surroundings NewSurroundings() => new(
        new Terminal(TextWriter.Null, TextWriter.Null, false, false), TimeProvider.System, new Signals(), _ => null);

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
}
