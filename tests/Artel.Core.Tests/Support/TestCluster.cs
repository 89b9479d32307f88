namespace Artel.Core.Tests;

/// <summary>
/// A cluster state with a clock of its own, nodes that do what a test says, and a record of every change. After each step
/// leases are granted and the invariants are checked.
/// </summary>
internal sealed class TestCluster
{
    private readonly Dictionary<string, ulong> _incarnations = [];
    private readonly ClusterRules _rules;

    public TestCluster(ClusterSnapshot? snapshot = null, ClusterRules? rules = null, DateTimeOffset? now = null)
    {
        Now = now ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        _rules = rules ?? ClusterRules.Default;
        State = new ClusterState(snapshot ?? ClusterSnapshot.Fresh, _rules, Now);
        Settle();
    }

    public ClusterState State { get; private set; }

    public DateTimeOffset Now { get; private set; }

    /// <summary>All changes so far.</summary>
    public List<Change> Changes { get; } = [];

    /// <summary>Changes of the last step.</summary>
    public IReadOnlyList<Change> Last { get; private set; } = [];

    public TestStore Store { get; private set; } = new();

    /// <summary>Tasks granted in the last step, in order.</summary>
    public IReadOnlyList<int> Granted => [.. Last.OfType<LeasesGranted>().SelectMany(g => Enumerable.Range(g.FirstTask, g.Leases.Count))];

    public IEnumerable<T> Made<T>()
        where T : Change => Changes.OfType<T>();

    /// <summary>Connects a node, as the incarnation it was last unless told otherwise.</summary>
    public ConnectResult Connect(
        string id, double cpus = 4, long memory = 0, double gpus = 0, Counter[]? counters = null, Label[]? labels = null,
        IReadOnlyList<Lease>? held = null, IReadOnlyList<Lease>? finished = null, bool restarted = false,
        NodeKind kind = NodeKind.Native)
    {
        _incarnations[id] = _incarnations.GetValueOrDefault(id, 100u) + (restarted ? 1u : 0u);
        var resources = new Resources((int)(cpus * 1000), memory, (int)(gpus * 1000), [.. counters ?? []]);
        var description = new NodeDescription(kind, "1.0", $"host-{id}", "127.0.0.1:1", resources, [.. labels ?? []]);
        var result = State.Connect(new NodeId(id), IncarnationOf(id), description, LeaseSet.Of([.. Ranges(held), .. Ranges(finished)]), Now);
        Settle();
        return result;
    }

    public Incarnation IncarnationOf(string node) => new(_incarnations[node]);

    public void Disconnect(string node)
    {
        State.Disconnect(new NodeId(node), IncarnationOf(node), Now);
        Settle();
    }

    public JobId Submit(JobBuilder job, bool held = false)
    {
        var id = State.Submit(job.Build(), default, "", held, Now);
        Settle();
        return id;
    }

    public void Pass(TimeSpan time)
    {
        Now += time;
        State.Tick(Now);
        Settle();
    }

    public void Pass(double seconds) => Pass(TimeSpan.FromSeconds(seconds));

    public AttemptView InFlight(JobId job, int task) =>
        TaskOf(job, task).InFlight ?? throw new InvalidOperationException($"task {job}.{task} is {StateOf(job, task)}, not in flight");

    public TaskView TaskOf(JobId job, int task) => State.ViewTasks(job, new TaskRange(task, task)).Single();

    public TaskState StateOf(JobId job, int task) => TaskOf(job, task).State;

    public TaskState[] StatesOf(JobId job) => [.. State.ViewTasks(job, new TaskRange(1, int.MaxValue)).Select(t => t.State)];

    public string? NodeOf(JobId job, int task) => TaskOf(job, task).InFlight?.Node.Value;

    /// <summary>Why a task is where it is.</summary>
    public Reason[] Why(JobId job, int task) =>
        [.. State.Explain(new TaskId(job, task), Now)!.Reasons.Select(r => r.Why)];

    /// <summary>Why tasks of a job are where they are, and how many.</summary>
    public (Reason Why, int Tasks)[] Why(JobId job) => [.. State.Explain(job, Now)!.Reasons.Select(r => (r.Why, r.Tasks))];

    public Lease Start(JobId job, int task)
    {
        var attempt = InFlight(job, task);
        Assert.True(State.Start(attempt.Node, IncarnationOf(attempt.Node.Value), attempt.Lease, Now, Now));
        Settle();
        return attempt.Lease;
    }

    /// <summary>The node of a task reports its end.</summary>
    public AttemptEnded End(JobId job, int task, AttemptResult result)
    {
        var attempt = InFlight(job, task);
        Assert.True(State.End(attempt.Node, IncarnationOf(attempt.Node.Value), attempt.Lease, result, Now));
        Settle();
        return Last.OfType<AttemptEnded>().First(e => e.Lease == attempt.Lease);
    }

    public AttemptEnded Succeed(JobId job, int task, double seconds = 1) => End(job, task, Results.Succeeded(seconds));

    public AttemptEnded Fail(JobId job, int task, int status = 1) => End(job, task, Results.Failed(status));

    /// <summary>Runs a command against the state, then grants and checks.</summary>
    public T Do<T>(Func<ClusterState, T> command)
    {
        var result = command(State);
        Settle();
        return result;
    }

    public void Do(Action<ClusterState> command)
    {
        command(State);
        Settle();
    }

    /// <summary>The server dies and starts again from what it has stored.</summary>
    public void RestartServer(double seconds = 0)
    {
        Now += TimeSpan.FromSeconds(seconds);
        State = new ClusterState(Store.Load(State.Epoch + 1), _rules, Now);
        Settle();
    }

    /// <summary>The job ended: its <see cref="JobEnded"/>.</summary>
    public JobEnded EndOf(JobId job) => Made<JobEnded>().Last(e => e.Job == job);

    private void Settle()
    {
        do
        {
            State.Place(Now);
        }
        while (State.HasFollowups);

        Last = State.TakeChanges();
        Changes.AddRange(Last);
        Store.Commit(Last);
        Assert.Equal([], State.CheckInvariants());
    }

    private static LeaseRange[] Ranges(IReadOnlyList<Lease>? leases) => [.. (leases ?? []).Select(l => new LeaseRange(l.Epoch, l.Sequence, 1))];
}
