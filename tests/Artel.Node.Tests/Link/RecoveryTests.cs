using Artel.Protocol.V1;
using Artel.Testing;

namespace Artel.Node.Tests.Link;

/// <summary>Lost links, restarted servers and restarted agents: nothing is lost and nothing runs that should not.</summary>
public sealed class RecoveryTests : IAsyncLifetime
{
    private readonly ScriptedServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _signals = new();

    public async ValueTask InitializeAsync() => await _server.Start();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
        _signals.Dispose();
    }

    [Fact]
    public async Task After_a_broken_link_a_node_presents_what_it_holds_and_goes_on()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var first = await _server.Link();
        await first.Grant(UntilTold("go"), first: 1, count: 5);
        await first.HasStarted(2);

        first.Break();
        var second = await _server.Link(2);

        Assert.Equal(first.Hello.Incarnation, second.Hello.Incarnation);
        Assert.Equal(Leases(1, 2, 3, 4, 5), second.Hello.Held.SelectMany(ScriptedLink.Expand).Order());
        Assert.Empty(second.Hello.Finished);
        await second.HasStarted(1);
        await second.HasStarted(2);
        Tell("go");
        for (var i = 1; i <= 5; i++)
            Assert.Equal(AttemptOutcome.Succeeded, (await second.Result(i)).Outcome);

        Assert.Equal(5, second.Results.Count);
    }

    [Fact]
    public async Task Work_goes_on_without_a_server_and_its_results_come_later()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var first = await _server.Link();
        await first.Grant(UntilTold("go"), count: 4);
        await first.HasStarted(2);

        await _server.Stop();
        Tell("go");
        await Eventually.Holds(() => Directory.GetFiles(_signals.Path, "done.*").Length == 4, "all have run without a server");
        await _server.Start();

        var second = await _server.Link(2);
        await Eventually.Holds(() => second.Results.Count == 4, "the results come", second.Describe);
        Assert.Equal(Leases(1, 2, 3, 4), second.Hello.Held.Concat(second.Hello.Finished).SelectMany(ScriptedLink.Expand).Order());
        Assert.All(second.Results, r => Assert.Equal(AttemptOutcome.Succeeded, r.Outcome));
    }

    [Fact]
    public async Task Processes_of_refused_leases_are_ended_and_never_spoken_of()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var first = await _server.Link();
        await first.Grant(Templates.Shell($"echo $$ > {_signals.Path}/pid.$ARTEL_TASK_ID; exec sleep 60"), first: 1, count: 4);
        await first.HasStarted(2);
        await Eventually.Holds(() => Pids().Length == 2, "both run");
        var refused = Pids()[0];
        _server.Welcome.Refused.Add(ScriptedLink.Range(1));
        _server.Welcome.Refused.Add(ScriptedLink.Range(4));

        first.Break();
        var second = await _server.Link(2);

        await Eventually.Holds(() => !Directory.Exists($"/proc/{refused}"), "the refused process is ended");
        await second.HasStarted(3);
        await second.End(2, 3);
        await second.Result(2);
        await second.Result(3);
        await Eventually.Holds(() => second.Heartbeats[^1].Heartbeat is { Running: 0, Backlog: 0 }, "nothing is left");
        Assert.Equal([2L, 3L], second.Results.Select(r => r.Lease.Sequence).Order());
        Assert.DoesNotContain(new LeaseId(1, 4), second.Started.Concat(second.Returned));
    }

    [Fact]
    public async Task Refused_results_are_dropped()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var first = await _server.Link();
        await first.Grant(Templates.Program("flood", "100000"), count: 2);
        await first.Result(2);
        await first.Result(1);
        _server.Welcome.Refused.Add(ScriptedLink.Range(1));

        first.Break();
        var second = await _server.Link(2);

        Assert.Equal(Leases(1, 2), second.Hello.Finished.SelectMany(ScriptedLink.Expand));
        await second.Result(2);
        Assert.Single(second.Results);
        Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "spool", "output")));
    }

    [Fact]
    public async Task A_new_agent_presents_the_results_of_one_that_was_killed()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var first = await _server.Link();
        await first.Grant(Templates.Program("flood", "300000"), first: 1);
        await first.Grant(Templates.Program("echo", "small"), first: 2, templateNumber: 1);
        await first.Grant(Templates.Program("echo", "settled"), first: 3, templateNumber: 2);
        await first.Grant(Templates.Program("sleep", "60"), first: 4, templateNumber: 3);
        await first.Result(1);
        await first.Result(2);
        await first.Result(3);
        await first.HasStarted(4);
        await first.Settle(3);

        // What the server says is taken in order: with this result the third is settled.
        await first.Grant(Templates.Run("/bin/true"), first: 5, templateNumber: 4);
        await first.Result(5);

        // What is on disk now is what kill -9 would leave.
        using var left = new TemporaryFolder();
        Copy(Path.Combine(_folder.Path, "spool"), Path.Combine(left.Path, "spool"));
        await using var next = new RunningAgent(_server, left.Path);
        var second = await _server.Link(2);

        Assert.NotEqual(first.Hello.Incarnation, second.Hello.Incarnation);
        Assert.Empty(second.Hello.Held);
        Assert.Equal(Leases(1, 2, 5), second.Hello.Finished.SelectMany(ScriptedLink.Expand));
        Assert.Equal("small\n", (await second.Result(2)).StdoutData.ToStringUtf8());
        var large = await second.Result(1);
        await second.Send(new ServerMessage { SendOutput = new SendOutput { Lease = large.Lease } });
        await Eventually.Holds(
            () => _server.Delivered.TryGetValue((new LeaseId(1, 1), Artel.Protocol.V1.Stream.Stdout), out var data) && data.Count == 300_000,
            "the output arrives");
    }

    [Fact]
    public async Task A_stopping_agent_ends_its_processes_reports_them_gives_the_rest_back_and_says_goodbye()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        await link.Grant(Templates.Program("polite", "60"), count: 5);
        await link.HasStarted(2);

        var stopping = agent.Stop();
        foreach (var ended in new[] { await link.Result(1), await link.Result(2) })
        {
            Assert.Equal(AttemptOutcome.Moved, ended.Outcome);
            Assert.Equal("ended by a stop or restart of the agent", ended.Message);
        }

        await link.Settle(1, 2);
        var exit = await stopping;

        Assert.Equal(NodeAgentExitKind.Stopped, exit.Kind);
        Assert.Equal(Leases(3, 4, 5), link.Returned.Order());
        Assert.NotNull(link.Said[^1].Goodbye);
        Assert.Empty(Directory.GetFiles(_folder.Path, "processes-*"));
    }

    [Fact]
    public async Task A_stopping_agent_keeps_no_long_output_of_what_it_ends()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        var script = $"head -c 3000000 /dev/zero; touch {_signals.Path}/written; exec sleep 60";
        await link.Grant(Templates.Shell(script), count: 1);
        await Eventually.Holds(() => File.Exists(Path.Combine(_signals.Path, "written")), "it has written");

        var stopping = agent.Stop();
        var ended = await link.Result(1);
        await link.Settle(1);
        await stopping;

        Assert.Equal((AttemptOutcome.Moved, false), (ended.Outcome, ended.DataFollows));
        Assert.Equal((0, 3_000_000), (ended.Stdout.Length, ended.Stdout.Written));
        Assert.Contains("its output of 2.86 MiB was not kept", ended.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "spool", "output")));
    }

    [Fact]
    public async Task A_stopping_agent_waits_for_the_last_OK()
    {
        await using var agent = new RunningAgent(_server, _folder.Path, o => o with { StopPatience = TimeSpan.FromSeconds(30) });
        var link = await _server.Link();
        await link.Grant(Templates.Run("/bin/true"));
        await link.Result(1);

        var stopping = agent.Stop();
        Assert.DoesNotContain(link.Said, m => m.Goodbye is not null);
        await link.Settle(1);

        Assert.Equal(NodeAgentExitKind.Stopped, (await stopping).Kind);
        Assert.NotNull(link.Said[^1].Goodbye);
    }

    [Fact]
    public async Task An_agent_without_a_link_stops_at_once()
    {
        await _server.Stop();
        await using var agent = new RunningAgent(_server, _folder.Path, o => o with { StopPatience = TimeSpan.FromMinutes(10) });

        Assert.Equal(NodeAgentExitKind.Stopped, (await agent.Stop()).Kind);
    }

    [Fact]
    public async Task A_second_agent_in_the_same_folder_is_refused()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        await _server.Link();
        await using var second = new RunningAgent(_server, _folder.Path);

        var exit = await Eventually.Gives(second.Exit, "the second agent ends");

        Assert.Equal(NodeAgentExitKind.Refused, exit.Kind);
        Assert.StartsWith($"another node agent (process {Environment.ProcessId}) works in {_folder.Path}", exit.Reason, StringComparison.Ordinal);
        Assert.False(agent.Exit.IsCompleted);
    }

    private TaskTemplate UntilTold(string name) => Templates.Shell(
        $"while [ ! -e {_signals.Path}/{name} ]; do sleep 0.02; done; : > {_signals.Path}/done.$ARTEL_TASK_ID");

    private void Tell(string name) => _signals.File(name, "");

    private string[] Pids() =>
        [.. Directory.GetFiles(_signals.Path, "pid.*").Order(StringComparer.Ordinal).Select(f => File.ReadAllText(f).Trim()).Where(p => p.Length > 0)];

    private static IEnumerable<LeaseId> Leases(params int[] sequences) => sequences.Select(s => new LeaseId(1, s));

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));

        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
