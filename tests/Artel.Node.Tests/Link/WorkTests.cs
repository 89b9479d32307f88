using Artel.Protocol.V1;
using Artel.Testing;

namespace Artel.Node.Tests.Link;

/// <summary>What becomes of granted work, seen from the server.</summary>
public sealed class WorkTests : IAsyncLifetime
{
    private readonly ScriptedServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _signals = new();
    private RunningAgent? _agent;
    private ScriptedLink? _link;

    private ScriptedLink Link => _link!;

    public async ValueTask InitializeAsync()
    {
        await _server.Start();
        _agent = new RunningAgent(_server, _folder.Path);
        _link = await _server.Link();
    }

    public async ValueTask DisposeAsync()
    {
        await _agent!.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
        _signals.Dispose();
    }

    [Fact]
    public async Task A_timeout_and_a_grace_of_ten_years_are_more_than_any_timer_takes_and_do_no_harm()
    {
        var years = TimeSpan.FromDays(3650);
        await Link.Send(new ServerMessage
        {
            Assign = new Assign
            {
                Templates = { new TemplateDefinition { Job = 1, Template = 0, Spec = Templates.Shell("echo done").WithTimeout(years).WithGrace(years) } },
                Grants = { new Grant { Job = 1, FirstTask = 1, Attempt = 1, Leases = ScriptedLink.Range(1) } },
            },
        });

        Assert.Equal("done\n", (await Link.Result(1)).StdoutData.ToStringUtf8());
    }

    [Fact]
    public async Task An_array_fills_in_its_index_and_its_environment()
    {
        var cwd = _signals.Folder("часть 4");
        var template = Templates.Shell("env; echo CWD=$(pwd)").In(Path.Combine(_signals.Path, "часть {index}"));
        template.Array = new IndexSet { Ranges = { new IndexRange { First = 1, Last = 10, Step = 3 } } };
        template.Env["PART"] = "p{index}/{INDEX}";
        await Link.Send(new ServerMessage
        {
            Assign = new Assign
            {
                Templates = { new TemplateDefinition { Job = 12, Template = 0, Spec = template } },
                Grants = { new Grant { Job = 12, FirstTask = 3, FirstPosition = 1, Attempt = 2, Leases = ScriptedLink.Range(1) } },
            },
        });

        var lines = (await Link.Result(1)).StdoutData.ToStringUtf8().Split('\n');

        Assert.Contains("PART=p4/{INDEX}", lines);
        Assert.Contains("ARTEL_JOB_ID=12", lines);
        Assert.Contains("ARTEL_TASK_ID=12.3", lines);
        Assert.Contains("ARTEL_TASK_INDEX=4", lines);
        Assert.Contains("ARTEL_ATTEMPT=2", lines);
        Assert.Contains("ARTEL_NODE=n1", lines);
        Assert.Contains($"CWD={cwd}", lines);
    }

    [Fact]
    public async Task A_task_that_is_no_array_keeps_the_text_of_an_index_as_it_is()
    {
        await Link.Grant(Templates.Program("echo", "{index}"));

        Assert.Equal("{index}\n", (await Link.Result(1)).StdoutData.ToStringUtf8());
    }

    [Fact]
    public async Task A_scratch_folder_is_fresh_and_removed()
    {
        var template = Templates.Shell("pwd; ls -A | wc -l; touch left; mkdir -p a/b");
        template.Scratch = true;

        await Link.Grant(template, count: 2);
        var first = (await Link.Result(1)).StdoutData.ToStringUtf8().Split('\n');
        var second = (await Link.Result(2)).StdoutData.ToStringUtf8().Split('\n');

        Assert.NotEqual(first[0], second[0]);
        Assert.Equal("0", first[1].Trim());
        await Eventually.Holds(() => !Directory.Exists(first[0]) && !Directory.Exists(second[0]), "both are removed");
    }

    [Fact]
    public async Task Standard_input_is_given_to_each_task_of_its_own()
    {
        var template = Templates.Run("cat");
        template.Stdin = Google.Protobuf.ByteString.CopyFromUtf8("вход");

        await Link.Grant(template, count: 2);

        Assert.Equal("вход", (await Link.Result(1)).StdoutData.ToStringUtf8());
        Assert.Equal("вход", (await Link.Result(2)).StdoutData.ToStringUtf8());
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_failed_attempt_that_says_so()
    {
        await Link.Grant(Templates.Run("./simulate").In(_signals.Path));

        var result = await Link.Result(1);

        Assert.Equal((NodeState.Failed, AttemptOutcome.NotStarted), (result.State, result.Outcome));
        Assert.StartsWith($"program './simulate' was not found in {_signals.Path}", result.Message, StringComparison.Ordinal);
        Assert.Empty(Link.Started);
    }

    [Fact]
    public async Task A_timeout_ends_the_whole_tree_even_if_it_ignores_the_polite_signal()
    {
        const string tree = "trap '' TERM; (trap '' TERM; echo $$; while :; do sleep 0.05; done) & echo $!; while :; do sleep 0.05; done";

        await Link.Grant(Templates.Shell(tree).WithTimeout(TimeSpan.FromSeconds(0.5)).WithGrace(TimeSpan.FromSeconds(0.3)));
        var result = await Link.Result(1);

        Assert.Equal((NodeState.Failed, AttemptOutcome.TimedOut, 9), (result.State, result.Outcome, result.Signal));
        Assert.Equal("it ran longer than its timeout of 0.5 s", result.Message);
        Assert.InRange(result.Usage.Wall.ToTimeSpan().TotalSeconds, 0.7, 10);
        var pids = result.StdoutData.ToStringUtf8().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, pids.Length);
        await Eventually.Holds(() => pids.All(p => !Directory.Exists($"/proc/{p}")), "no orphan is left");
    }

    [Fact]
    public async Task A_cancel_of_a_running_task_gives_it_its_grace_and_tells_its_result()
    {
        await Link.Grant(Templates.Program("polite", "60"));
        await Link.HasStarted(1);
        await ReadyAsync(1);

        await Link.End(1);
        var result = await Link.Result(1);

        Assert.Equal((AttemptOutcome.Cancelled, 3), (result.Outcome, result.ExitStatus));
        Assert.Equal("ready\ngoodbye\n", result.StdoutData.ToStringUtf8());
    }

    [Fact]
    public async Task A_cancel_of_a_task_that_has_not_started_gives_its_lease_back()
    {
        await Link.Grant(Templates.Program("sleep", "60"), count: 5);
        await Link.HasStarted(2);

        await Link.End(4);
        await Eventually.Holds(() => Link.Returned.Count == 1, "it is given back", Link.Describe);
        await Link.End(1, 2);
        await Link.HasStarted(3);
        await Link.HasStarted(5);

        Assert.Equal([new LeaseId(1, 4)], Link.Returned);
        Assert.DoesNotContain(new LeaseId(1, 4), Link.Started);
    }

    [Fact]
    public async Task A_revoked_lease_is_ended_and_nothing_is_told()
    {
        await Link.Grant(Templates.Program("sleep", "60"), count: 3);
        await Link.HasStarted(2);

        await Link.End(1, 3, revoked: true);
        await Eventually.Holds(() => Link.Heartbeats[^1].Heartbeat is { State: NodeState.Waiting, Running: 0, Backlog: 0 }, "nothing is left");

        Assert.Empty(Link.Results);
        Assert.Empty(Link.Returned);
    }

    [Fact]
    public async Task A_reclaim_takes_what_was_granted_last_and_has_not_started()
    {
        await Link.Grant(Templates.Program("sleep", "60"), count: 6);
        await Link.HasStarted(2);

        await Link.Send(new ServerMessage { Reclaim = new Reclaim { Count = 3 } });
        await Eventually.Holds(() => Link.Returned.Count == 3, "they are given back", Link.Describe);
        await Link.Send(new ServerMessage { Reclaim = new Reclaim { Count = 30 } });
        await Eventually.Holds(() => Link.Returned.Count == 4, "the rest is given back", Link.Describe);

        Assert.Equal([3, 4, 5, 6], Link.Returned.Select(l => l.Sequence).Order());
    }

    [Fact]
    public async Task No_more_runs_at_once_than_the_resources_allow()
    {
        await Link.Grant(Templates.Program("sleep", "60").WithCpus(1500), first: 1, count: 2);
        await Link.Grant(Templates.Program("sleep", "60").WithCpus(500), first: 11, count: 2, templateNumber: 1);
        await Link.HasStarted(1);
        await Link.HasStarted(11);

        await Eventually.Holds(() => Link.Heartbeats[^1].Heartbeat is { Running: 2, Backlog: 2 }, "two run");
        Assert.DoesNotContain(new LeaseId(1, 2), Link.Started);
        Assert.DoesNotContain(new LeaseId(1, 12), Link.Started);
    }

    [Fact]
    public async Task What_this_node_can_never_run_fails_and_says_why()
    {
        await Link.Grant(Templates.Run("/bin/true").WithCpus(64_000));

        var result = await Link.Result(1);

        Assert.Equal(AttemptOutcome.NotStarted, result.Outcome);
        Assert.Equal("it needs 64 cpus, this node has 2", result.Message);
    }

    [Fact]
    public async Task A_drained_node_starts_nothing_and_stops_when_its_last_result_is_stored()
    {
        await Link.Grant(Templates.Program("polite", "60"), count: 4);
        await Link.HasStarted(2);

        await Link.Send(new ServerMessage { Drain = new Drain { Draining = true, ThenStop = true } });
        await Eventually.Holds(() => Link.Returned.Count == 2, "what has not started is given back", Link.Describe);
        await Link.End(1, 2);
        await Link.Result(1);
        await Link.Result(2);
        Assert.False(_agent!.Exit.IsCompleted);
        await Link.Settle(1, 2);

        Assert.Equal(NodeAgentExitKind.ToldToLeave, (await Eventually.Gives(_agent.Exit, "the agent ends")).Kind);
        Assert.NotNull(Link.Said[^1].Goodbye);
    }

    [Fact]
    public async Task A_node_that_is_stopped_now_reports_what_ran_and_gives_the_rest_back()
    {
        await Link.Grant(Templates.Program("sleep", "60"), count: 3);
        await Link.HasStarted(2);

        await Link.Send(new ServerMessage { Drain = new Drain { Draining = true, ThenStop = true, Now = true } });

        Assert.Equal(AttemptOutcome.Moved, (await Link.Result(1)).Outcome);
        Assert.Equal(AttemptOutcome.Moved, (await Link.Result(2)).Outcome);
        await Link.Settle(1, 2);
        Assert.Equal(NodeAgentExitKind.ToldToLeave, (await Eventually.Gives(_agent!.Exit, "the agent ends")).Kind);
        Assert.Equal([3], Link.Returned.Select(l => l.Sequence));
    }

    [Fact]
    public async Task A_resumed_node_works_again()
    {
        await Link.Send(new ServerMessage { Drain = new Drain { Draining = true } });
        await Link.Grant(Templates.Run("/bin/true"), first: 1);
        await Eventually.Holds(() => Link.Returned.Count == 1, "it takes nothing", Link.Describe);

        await Link.Send(new ServerMessage { Drain = new Drain { Draining = false } });
        await Link.Grant(Templates.Run("/bin/true"), first: 2);

        await Link.Result(2);
        Assert.Single(Link.Results);
    }

    [Fact]
    public async Task A_thousand_short_tasks_end_each_once()
    {
        await Link.Grant(Templates.Run("/bin/true"), count: 1000);

        await Eventually.Holds(() => Link.Results.Count >= 1000, "all results come", Link.Describe, TimeSpan.FromSeconds(60));
        await Link.Settle(1, 1000);
        await Eventually.Holds(() => Link.Heartbeats[^1].Heartbeat is { State: NodeState.Waiting }, "the node waits");

        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (long)i), Link.Results.Select(r => r.Lease.Sequence).Order());
        Assert.All(Link.Results, r => Assert.NotNull(r.Started));

        // A start is told once, or not at all where its end is told along.
        Assert.Equal(Link.Started.Count, Link.Started.Distinct().Count());
        Assert.InRange(Link.Started.Count, 0, 500);
        Assert.All(Link.Results, r => Assert.Equal(AttemptOutcome.Succeeded, r.Outcome));
    }

    private async Task ReadyAsync(long sequence)
    {
        var tail = (ulong)(1000 + sequence);
        await Link.Send(new ServerMessage { TailOutput = new TailOutput { Tail = tail, Lease = new Lease { Epoch = 1, Sequence = sequence }, Follow = true } });
        await Eventually.Holds(() => _server.Tails.TryGetValue(tail, out var chunks) && chunks.Any(c => c.Data.Length > 0), "it is ready");
    }
}
