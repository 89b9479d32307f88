namespace Artel.EndToEnd.Tests;

/// <summary>What tasks and their names send to the terminal of whoever looks at them: a real pseudo-terminal of Python's.</summary>
public sealed class TerminalTests(OneNodeCluster one) : IClassFixture<OneNodeCluster>
{
    /// <summary>Sets the clipboard (OSC 52), clears the screen, turns the direction of writing; and is red, which is allowed.</summary>
    private const string Evil = "printf '\\033]52;c;ZXZpbA==\\007\\033[2J\\342\\200\\256\\033[31mred\\033[0m\\n'";

    private const string Shown = "␛]52;c;ZXZpbA==␇␛[2J<U+202E>\e[31mred\e[0m";

    private const string AsItIs = "\e]52;c;ZXZpbA==\a\e[2J\u202e\e[31mred\e[0m";

    [Fact]
    public async Task A_terminal_shows_what_a_task_sends_to_it_and_gets_it_as_it_is_only_with_raw()
    {
        var job = await one.Cluster.SubmitAsync("--wait", "--", "sh", "-c", Evil);

        Assert.Contains(Shown, await OnTerminalAsync("logs", job), StringComparison.Ordinal);
        Assert.Contains(AsItIs, await OnTerminalAsync("logs", "--raw", job), StringComparison.Ordinal);
        Assert.Equal(AsItIs + "\n", (await one.Cluster.ArtelAsync("logs", job)).Output);
    }

    [Fact]
    public async Task So_does_a_run()
    {
        Assert.Contains(Shown, await OnTerminalAsync("run", "--", "sh", "-c", Evil), StringComparison.Ordinal);
        Assert.Contains(AsItIs, await OnTerminalAsync("run", "--raw", "--", "sh", "-c", Evil), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("show", "last")]
    [InlineData("events")]
    [InlineData("why", "last")]
    public async Task A_page_shows_names_and_arguments_without_what_a_terminal_would_execute(params string[] command)
    {
        await one.Cluster.SubmitAsync("--wait", "--name", "a\u202eb", "--", "sh", "-c", "exit 0 # \e]52;c;ZXZpbA==\a");

        var seen = await OnTerminalAsync([.. command, .. command[0] == "ls" ? new[] { "--all" } : []]);

        Assert.DoesNotContain("\e]52", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", seen, StringComparison.Ordinal);
    }

    /// <summary>All that the command sends to its terminal.</summary>
    private async Task<string> OnTerminalAsync(params string[] arguments)
    {
        const string program =
            "import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
        await using var terminal = RunningProgram.Start(
            "python3", ["-c", program, Binaries.Artel, .. arguments], one.Cluster.Folder.Path,
            new Dictionary<string, string?> { ["ARTEL_HOME"] = one.Cluster.Home, ["TERM"] = "xterm-256color" });
        return (await terminal.EndAsync()).Output;
    }
}
