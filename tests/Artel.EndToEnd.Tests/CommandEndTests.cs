namespace Artel.EndToEnd.Tests;

/// <summary>
/// How commands end: when nobody reads them, when they are told to, when an answer is lost, and with what they inherit.
/// </summary>
public sealed class CommandEndTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task An_answer_that_is_lost_makes_no_second_job_and_its_number_is_printed()
    {
        // All of the request fits into the 64 KiB that go without a word of the server (RFC 9113, section 6.9.2).
        await using var proxy = AnswerlessProxy.Start(Cluster.Address, bytes: 20_000);
        await using var submit = Cluster.BeginArtel(
            "submit", "--server", proxy.Address, "--name", "lost-answer", "--env", $"BIG={new string('x', 40_000)}", "--hold", "--", "true");
        var stored = await Polling.UntilAsync(JobsAsync, jobs => jobs.Length > 0, "the job is stored");

        proxy.Cut();
        var ended = await submit.EndAsync();

        Assert.True(ended.Status == 0, ended.ToString());
        Assert.Equal(stored[0] + "\n", ended.Output);
        Assert.Equal(2, proxy.Connections);
        Assert.Single(await JobsAsync());

        async Task<string[]> JobsAsync() =>
            [.. (await Cluster.JsonAsync("ls", "--name", "lost-answer")).GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("id").ToString())];
    }

    [Fact]
    public async Task A_run_whose_reader_leaves_cancels_its_job()
    {
        var ended = await ShellAsync("\"$ARTEL\" run --name unread -- yes | head -n 1; echo ${PIPESTATUS[0]}");

        Assert.Equal("y\n141\n", ended.Output);
        var job = (await Cluster.JsonAsync("ls", "--all", "--name", "unread")).GetProperty("jobs")[0];
        Assert.Equal("cancelled", job.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("logs -f {0}")]
    [InlineData("logs {1}")]
    [InlineData("events -f --after 0")]
    [InlineData("ls --all --json")]
    [InlineData("help run")]
    public async Task A_command_whose_reader_leaves_ends(string command)
    {
        var running = await Cluster.SubmitAsync("--cpus", "0.01", "--", "sh", "-c", "while echo line; do sleep 0.05; done");
        var done = await Cluster.SubmitAsync("--cpus", "0.01", "--wait", "--", Binaries.TestProgram, "flood", "3000000");
        await Cluster.JobBecomesAsync(running, "running");

        // A reader that has left before the first line.
        var ended = await ShellAsync(
            $"{{ sleep 0.5; \"$ARTEL\" {string.Format(System.Globalization.CultureInfo.InvariantCulture, command, running, done)}; echo $? >&2; }} | true");

        await Cluster.ArtelAsync("cancel", running);
        Assert.Equal("141\n", ended.Errors);
    }

    [Theory]
    [InlineData("> /dev/full", "No space left on device")]
    [InlineData(">&-", "Bad file descriptor")]
    public async Task Output_that_cannot_be_written_is_one_clear_line(string where, string why)
    {
        var ended = await ShellAsync($"\"$ARTEL\" node ls {where}; echo $?");

        Assert.Equal("2\n", ended.Output);
        Assert.Equal($"artel: standard output cannot be written: {why}\n", ended.Errors);
    }

    [Fact]
    public async Task A_number_that_cannot_be_printed_is_in_the_error()
    {
        var job = await ShellAsync("\"$ARTEL\" submit --hold -- true > /dev/full; echo $?");
        var token = await ShellAsync("\"$ARTEL\" token create --role viewer > /dev/full");

        Assert.Equal("2\n", job.Output);
        Assert.Matches(
            "^artel: job [0-9]+ is submitted, but standard output cannot be written: No space left on device\n$",
            job.Errors);
        Assert.Matches(
            "artel: token [^ ]+ is valid \\(to revoke it: artel token revoke [^ ]+\\), but standard output",
            token.Errors);
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("<&-")]
    [InlineData("<&- 2>&-")]
    [InlineData("2> /dev/full")]
    public async Task Closed_descriptors_are_in_nobodys_way(string closed)
    {
        var ended = await ShellAsync($"\"$ARTEL\" run --private -- sh -c 'echo said; exit 7' {closed}; echo $?");

        Assert.Equal("said\n7\n", ended.Output);
    }

    [Fact]
    public async Task A_node_that_inherits_an_ignored_SIGCHLD_knows_how_its_tasks_end()
    {
        SystemRights.Require(SystemRights.Try("python3", "-c", ""), "a program ignores a signal for what it starts");
        var ended = await ShellAsync(
            "python3 -c 'import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])' "
            + "\"$ARTEL\" run --private -- sh -c 'exit 7'; echo $?");

        Assert.Equal("7\n", ended.Output);
    }

    [Theory]
    [InlineData("TERM", 1)]
    [InlineData("TERM", 2)]
    [InlineData("INT", 3)]
    public async Task A_run_that_is_ended_cancels_its_job_however_quickly_it_is_asked_again(string signal, int times)
    {
        var name = $"ended-{signal}-{times}";
        await using var run = Cluster.BeginArtel("run", "--name", name, "--cpus", "0.01", "--", "sleep", "600");
        await Polling.UntilAsync(() => StatesAsync(name), states => states.Contains("running"), "it runs");

        for (; times > 0; times--)
            run.Signal(signal);

        var ended = await run.EndAsync();

        Assert.Equal(130, ended.Status);
        await Polling.UntilAsync(() => StatesAsync(name), states => states.Contains("cancelled"), "its job is cancelled");
    }

    [Fact]
    public async Task A_script_on_standard_input_runs_and_nothing_else_reads_that_too()
    {
        const string script = @"printf '#!/bin/sh\necho hello $1\n'";

        var ran = await ShellAsync($"{script} | $ARTEL run - -- you");
        Assert.Equal((0, "hello you\n"), (ran.Status, ran.Output));

        var refused = await ShellAsync($"{script} | $ARTEL run - --stdin -");
        Assert.Equal(2, refused.Status);
        Assert.Contains(
            "the script and --stdin both read standard input: give one of them a file", refused.Errors, StringComparison.Ordinal);
    }

    private async Task<string[]> StatesAsync(string name) =>
        [.. (await Cluster.JsonAsync("ls", "--all", "--name", name)).GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("state").GetString()!)];

    /// <summary>Runs a line of bash in which <c>$ARTEL</c> is the command line, with the cluster configured.</summary>
    private async Task<Ended> ShellAsync(string line)
    {
        await using var shell = RunningProgram.Start(
            "bash", ["-c", line], Cluster.Folder.Path, new Dictionary<string, string?> { ["ARTEL"] = Binaries.Artel, ["ARTEL_HOME"] = Cluster.Home });
        return await shell.EndAsync(TimeSpan.FromSeconds(60));
    }
}
