using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Artel.Core;

namespace Artel.Server.Tests.Storage;

/// <summary>
/// Tells what happens to a cluster as changes that fit together: sequences, positions, histories and settled grants are kept here, so a
/// test says only what matters to it. What was told waits in <see cref="Pending"/> until a test commits it.
/// </summary>
internal sealed class Story
{
    private readonly Dictionary<LeaseRange, int> _open = [];
    private long _epoch = 1;
    private long _sequence;
    private long _microseconds = 1_700_000_000_000_001;
    private long _lastJob;

    public ReferenceCluster Reference { get; } = new();

    public List<Change> Pending { get; } = [];

    public DateTimeOffset Now => DateTimeOffset.UnixEpoch.AddTicks(++_microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Documents of these tests are the name and the number of tasks.</summary>
    public static JobSpec ReadSpec(ReadOnlyMemory<byte> document)
    {
        var parts = Encoding.UTF8.GetString(document.Span).Split('\n');
        var tasks = int.Parse(parts[1], CultureInfo.InvariantCulture);
        return new JobSpec(parts[0], "", 0, [], [new TemplateSpec { Name = "", FirstTask = 1, Count = tasks }]);
    }

    /// <summary>The server is started again.</summary>
    public void Restart(long epoch)
    {
        _epoch = epoch;
        _sequence = 0;
    }

    public JobId Submit(int tasks, string name = "job", string user = "ada", string requestId = "", bool held = false)
    {
        var document = Encoding.UTF8.GetBytes($"{name}\n{tasks}");
        var job = new JobId(++_lastJob);
        Tell(new JobSubmitted(job, ReadSpec(document) with { User = user }, document, requestId, held, Now));
        return job;
    }

    public LeaseRange Grant(JobId job, int first, int count = 1, string node = "1", ulong incarnation = 7)
    {
        var leases = new LeaseRange(_epoch, _sequence + 1, count);
        _sequence += count;
        _open[leases] = count;
        var attempt = Reference.Jobs[job.Value][first].History.Attempts + 1;
        Tell(new LeasesGranted(leases, job, 0, first, first - 1, attempt, new NodeId(node), new Incarnation(incarnation), Now));
        return leases;
    }

    public AttemptEnded End(
        JobId job, Lease lease, TaskState next = TaskState.Succeeded, AttemptOutcome? outcome = null, AttemptResult? result = null,
        string reason = "", bool lost = false, bool avoid = false, AttemptHolding? held = null)
    {
        var open = Reference.Open[lease];
        var history = Reference.Jobs[job.Value][open.Task].History;
        outcome ??= lost ? AttemptOutcome.Lost : next == TaskState.Succeeded ? AttemptOutcome.Succeeded : AttemptOutcome.Failed;
        var counted = history with
        {
            Attempts = open.Attempt,
            Failures = history.Failures + (outcome == AttemptOutcome.Succeeded || lost ? 0 : 1),
            Losses = lost ? history.Losses.Add(open.Node) : history.Losses,
            FailedOn = avoid ? [.. history.FailedOn.Remove(open.Node), open.Node] : history.FailedOn,
        };
        var ended = new AttemptEnded(
            lease, open.Granted, Settles(open.Granted), new TaskId(job, open.Task), open.Attempt, open.Node,
            result ?? Plain(outcome.Value), Reference.LastPosition + 1, next, next == TaskState.Ready ? Now.AddSeconds(1) : null, counted, reason, Now)
        { Held = held ?? AttemptHolding.None };
        Tell(ended);
        return ended;
    }

    public void Return(JobId job, Lease lease, bool revoked = false)
    {
        var open = Reference.Open[lease];
        Tell(new LeaseReturned(lease, open.Granted, Settles(open.Granted), new TaskId(job, open.Task), open.Node, revoked));
    }

    public void Cancel(JobId job, Lease lease)
    {
        var open = Reference.Open[lease];
        Tell(new CancelRequested(lease, new TaskId(job, open.Task), open.Node, $"cancelled {lease.Sequence}"));
    }

    public void EndTasks(JobId job, int first, int last, TaskState state = TaskState.Cancelled, string reason = "by hand") =>
        Tell(new TasksEnded(job, new TaskRange(first, last), state, reason, Now));

    public void EndTasks(JobId job, TaskSet tasks, TaskState state = TaskState.Cancelled) =>
        Tell(new TasksEnded(job, tasks, state, "by hand", Now));

    public void Retry(JobId job, TaskSet tasks, TaskState from = TaskState.Cancelled) =>
        Tell(new TasksRetried(job, tasks, from));

    public void EndJob(JobId job)
    {
        var tasks = Reference.Jobs[job.Value].Tasks;
        var counts = new TaskCounts(
            tasks.Length, 0, 0, 0, 0, Count(TaskState.Succeeded), Count(TaskState.Failed), Count(TaskState.Cancelled), Count(TaskState.Skipped));
        var state = counts.Failed > 0 ? JobState.Failed : counts.Cancelled > 0 ? JobState.Cancelled : JobState.Succeeded;
        Tell(new JobEnded(job, state, counts, Now));

        int Count(TaskState ended) => tasks.Count(task => task.Ended == ended);
    }

    public void Retry(JobId job, int first, int last)
    {
        var model = Reference.Jobs[job.Value];
        if (model.End is not null)
        {
            Tell(new JobReopened(job));
        }

        Tell(new TasksRetried(job, new TaskRange(first, last), model[first].Ended!.Value));
    }

    public void Connect(string node, ulong incarnation = 7, params (string Key, string Value)[] labels) => Tell(new NodeConnected(
        new NodeId(node),
        new Incarnation(incarnation),
        new NodeDescription(
            NodeKind.Native, "0.1.0", "host-" + node, "127.0.0.1:4000", new Resources(8000, 1L << 34, 500, [new Counter("licence", 3)]),
            [.. labels.Select(label => new Label(label.Key, label.Value))])
        {
            RunAs = "account-of-" + node,
        },
        Now));

    public void Tell(Change change)
    {
        Reference.Apply(change);
        Pending.Add(change);
    }

    /// <summary>What was told since the last time.</summary>
    public IReadOnlyList<Change> Take()
    {
        ImmutableArray<Change> batch = [.. Pending];
        Pending.Clear();
        return batch;
    }

    /// <summary>A result that says as little as most do.</summary>
    public AttemptResult Plain(AttemptOutcome outcome) => new(
        outcome,
        outcome == AttemptOutcome.Failed ? 1 : 0,
        0,
        "",
        Now,
        new Usage(TimeSpan.FromMilliseconds(12), TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(1), 1 << 20),
        new KeptOutput(3, 3, 0, 0, "ok\n"u8.ToArray()),
        KeptOutput.Empty);

    private bool Settles(LeaseRange granted)
    {
        if (--_open[granted] > 0)
        {
            return false;
        }

        _open.Remove(granted);
        return true;
    }
}
