namespace Artel.Core.Tests;

/// <summary>
/// A server and its nodes, driven by chance from a seed: jobs come, links break, agents and servers die, messages are lost or late,
/// people cancel and retry. What is checked after every step does not depend on what the state says of itself alone.
/// </summary>
internal sealed partial class Simulation
{
    /// <summary>Without faults, at least one task ends in so many steps, however many may run at the same time.</summary>
    private const int StepsForOneTask = 3000;

    private static readonly string[] NodeIds = ["1", "2", "render-07", "alpha"];

    private readonly Random _random;
    private readonly ClusterRules _rules;
    private readonly bool _isSliced;

    /// <summary>Commands of which a slice is done now and then. They end with the server.</summary>
    private readonly List<Func<TaskRange?, TaskSlice?>> _commands = [];
    private readonly List<TaskRange?> _rests = [];
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<(NodeId Node, Incarnation Incarnation, SimMessage Message)> _late = [];
    private readonly List<(NodeId Node, Incarnation Incarnation)> _unnoticed = [];
    private readonly ChangeWatch _watch = new();

    /// <summary>Agents that were cut off when another was started in their name.</summary>
    private readonly List<SimulatedNode> _ghosts = [];

    private readonly Dictionary<NodeId, DateTimeOffset> _lastHeard = [];
    private readonly TestStore _store = new();
    private readonly HashSet<NodeId> _known = [];
    private TestStore _published = new();
    private List<Change> _lastBatch = [];
    private ClusterState _state;
    private long _epoch = 1;
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="sliceWeight">How much a turn does of a command on many tasks.</param>
    public Simulation(int seed, bool nodesIgnoreFencing = false, bool nodesIgnoreTerm = false, int? sliceWeight = null)
    {
        _random = new Random(seed);
        _rules = ClusterRules.Default with { SliceWeight = sliceWeight ?? ClusterRules.Default.SliceWeight };
        _isSliced = sliceWeight is not null;
        foreach (var id in NodeIds)
        {
            var resources = new Resources(_random.Next(2, 5) * 1000, 4, 0, [new Counter("licence", 2)]);
            var clockRate = 0.95 + (_random.NextDouble() * 0.1);
            _nodes.Add(new SimulatedNode(new NodeId(id), resources, clockRate, Run) { IgnoresFencing = nodesIgnoreFencing, IgnoresTerm = nodesIgnoreTerm });
        }

        _state = new ClusterState(ClusterSnapshot.Fresh, _rules, _now);
    }

    /// <summary>All changes that were stored, in order.</summary>
    public List<Change> Changes { get; } = [];

    public IReadOnlyList<string> Broken => _watch.Broken;

    /// <summary>A store that, when the server dies, has lost a batch that it said was on disk. To see that the checks see it.</summary>
    public bool StoreForgets { get; init; }

    public int Crashes { get; private set; }

    /// <summary>Runs with faults for some steps, then without until all jobs have ended, or throws what was seen.</summary>
    public void Run(int steps)
    {
        foreach (var node in _nodes)
        {
            Link(node);
        }

        for (var i = 0; i < steps && Broken.Count == 0; i++)
        {
            Step(faults: true);
        }

        Recover();
        var left = int.MaxValue;
        for (var i = 0; (_watch.Unended.Any() || !_nodes.All(n => n.IsEmpty)) && Broken.Count == 0; i++)
        {
            if (i % StepsForOneTask == 0)
            {
                var before = left;
                left = Unfinished();
                if (left >= before)
                {
                    _watch.Broken.Add(
                        $"jobs {string.Join(", ", _watch.Unended)} do not end: "
                        + string.Join("; ", _watch.Unended.SelectMany(Reasons).Take(10))
                        + $"; nodes not empty: {string.Join(", ", _nodes.Where(n => !n.IsEmpty).Select(n => n.Id))}");
                }
            }

            Step(faults: false);
        }

        if (Broken.Count == 0 && _watch.LiveLeases > 0)
        {
            _watch.Broken.Add($"{_watch.LiveLeases} leases are left");
        }
    }

    /// <summary>Tasks that have not ended.</summary>
    private int Unfinished() => _watch.Unended.Sum(job => _state.View(job)?.Counts is { } c ? c.Waiting + c.Ready + c.Leased + c.Running : 0);

    private void Step(bool faults)
    {
        _now += TimeSpan.FromMilliseconds(_random.Next(20) switch { 0 => 35_000, 1 => 8_000, < 5 => 3000, < 10 => 100, _ => 5 });
        foreach (var node in _nodes.Concat(_ghosts))
        {
            node.Expire(_now);
        }

        for (var i = _random.Next(1, 4); i > 0 && faults; i--)
        {
            Act();
        }

        DoSlices(faults);
        if (!faults || _random.Next(4) == 0)
        {
            foreach (var (node, count) in _state.Reclaim(_now))
            {
                NodeOf(node).GiveBack(count);
            }

            _state.Tick(_now);
        }

        _ghosts.ForEach(g => g.Work(_now));
        foreach (var node in _nodes)
        {
            if (!faults)
            {
                // One that was told to wait tries again.
                Link(node);
            }

            if (!faults || _random.Next(3) > 0)
            {
                node.Beat(_now);
            }

            node.Work(_now);
            Hear(node, faults ? _random.Next(6) : int.MaxValue);
        }

        CheckExclusive();

        Deliver();
        if (faults && _random.Next(60) == 0)
        {
            Crash();
        }

        Commit();
    }

    /// <summary>There is never more than one process of an exclusive task, on whatever nodes.</summary>
    private void CheckExclusive()
    {
        foreach (var twice in _nodes.Concat(_ghosts).SelectMany(n => n.RunsExclusively).GroupBy(t => t).Where(g => g.Count() > 1))
        {
            _watch.Broken.Add($"{twice.Key} is exclusive and runs {twice.Count()} times");
        }
    }

    /// <summary>Grants, stores, and only then tells.</summary>
    private void Commit()
    {
        _state.Place(_now);
        var broken = _state.CheckInvariants();
        _watch.Broken.AddRange(broken);
        _watch.Broken.AddRange(Unexplained.Of(_state, _now));
        var batch = _state.TakeChanges();
        if (batch.Count == 0)
        {
            return;
        }

        if (StoreForgets && Broken.Count == 0)
        {
            _published.Commit(_lastBatch);
            _lastBatch = [.. batch];
        }

        Changes.AddRange(batch);
        foreach (var change in batch)
        {
            _watch.See(change, _now);
        }

        if (Broken.Count == 0)
        {
            _store.Commit(batch);
            batch.ToList().ForEach(Publish);
        }
    }

    private void Publish(Change change)
    {
        (NodeId Node, SimMessage Message)? told = change switch
        {
            LeasesGranted c => (c.Node, new Assigned(c)),
            AttemptEnded c => (c.Node, new Settled(c.Lease)),
            LeaseReturned { Revoked: true } c => (c.Node, new EndLease(c.Lease, Revoked: true)),
            CancelRequested c => (c.Node, new EndLease(c.Lease, Revoked: false)),
            MoveRequested c => (c.Node, new EndLease(c.Lease, Revoked: false)),
            _ => null,
        };
        if (told is { } t && NodeOf(t.Node) is { Linked: true } node)
        {
            node.Inbox.Enqueue(t.Message);
        }
    }

    /// <summary>The server dies with a batch that was not stored, and starts again from what was.</summary>
    private void Crash()
    {
        _commands.Clear();
        _rests.Clear();
        Crashes++;
        _epoch++;
        foreach (var node in _nodes)
        {
            node.Unlink();
            node.Outbox.Clear();
        }

        _late.Clear();
        _unnoticed.Clear();
        _watch.ServerDied();
        _state = new ClusterState((StoreForgets ? _published : _store).Load(_epoch), _rules, _now);
        if (StoreForgets)
        {
            _published = new TestStore();
            _published.Commit(Changes);
            _lastBatch = [];
        }
    }

    /// <summary>Everything that a person would do after a storm.</summary>
    private void Recover()
    {
        NoticeLinks();
        foreach (var node in _nodes)
        {
            node.HaveAgain();
            if (node.IsStopping)
            {
                Unlink(node);
                NoticeLinks();
                node.Restart();
            }

            if (!node.Linked)
            {
                Link(node);
                if (!node.Linked)
                {
                    // Its former incarnation is taken for alive until it was silent for long.
                    _state.Disconnect(node.Id, new Incarnation(node.Incarnation.Value - 1), _now);
                    Link(node);
                }
            }

            _state.Drain(node.Id, false);
        }

        foreach (var job in _watch.Unended)
        {
            _state.Hold(job, false);
        }
    }

    private (AttemptResult, TimeSpan) Run(TaskId task)
    {
        var time = TimeSpan.FromMilliseconds(_random.Next(4) switch { 0 => _random.Next(1000, 60_000), _ => 2 });
        var outcome = _random.Next(6) switch
        {
            0 => AttemptOutcome.Failed,
            1 when _random.Next(3) == 0 => (AttemptOutcome)_random.Next((int)AttemptOutcome.Signalled, (int)AttemptOutcome.Lost),
            _ => AttemptOutcome.Succeeded,
        };
        return (Results.Of(outcome, time.TotalSeconds) with { ExitStatus = outcome == AttemptOutcome.Failed ? _random.Next(1, 5) : 0 }, time);
    }

    private IEnumerable<string> Reasons(JobId job) =>
        from task in _state.ViewTasks(job, new TaskRange(1, int.MaxValue))
        where !task.State.HasEnded()
        select $"{task.Task} is {task.State}: {string.Join(", ", _state.Explain(task.Task, _now)!.Reasons.Select(r => r.Why))}";

    private SimulatedNode NodeOf(NodeId id) => _nodes.Single(n => n.Id == id);
}
