using System.CommandLine;
using Artel.Cli.Commands;
using Artel.Cli.Output;

namespace Artel.Cli.Tests;

public sealed class HelpTests
{
    private static readonly string[] Contract =
    [
        "run", "up", "submit", "ls", "show", "logs", "why", "fetch", "wait", "cancel", "retry", "hold", "release",
        "schedule add", "schedule ls", "schedule show", "schedule pause", "schedule resume", "schedule run", "schedule rm",
        "node start", "node ls", "node show", "node drain", "node resume", "node stop", "node forget",
        "server start", "server status", "server stop", "token create", "token ls", "token revoke",
        "map check", "map plan", "completion",
    ];

    public static TheoryData<string> Commands() => new(Contract);

    [Fact]
    public void The_commands_are_those_of_the_contract()
    {
        using var surroundings = NewSurroundings();

        var all = Leaves(CommandTree.Create(surroundings)).Select(c => CommandTree.PathOf(c)["artel ".Length..]);

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
    public void What_prints_can_print_json(string command)
    {
        using var surroundings = NewSurroundings();
        var found = Leaves(CommandTree.Create(surroundings)).Single(c => CommandTree.PathOf(c) == $"artel {command}");

        Assert.Contains(found.Options, o => o.Name == "--json");
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
