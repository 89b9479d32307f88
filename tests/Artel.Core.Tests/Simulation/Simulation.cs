using System.Collections.Immutable;

namespace Artel.Core.Tests;

/// <summary>
/// A server and its nodes, driven by chance from a seed: jobs come, links break, agents and servers die, messages are lost or late,
/// people cancel and retry. What is checked after every step does not depend on what the state says of itself alone.
/// </summary>
internal sealed class Simulation
{
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
        for (var i = 0; (_watch.Unended.Any() || !_nodes.All(n => n.IsEmpty)) && Broken.Count == 0; i++)
        {
            if (i == 3000)
            {
                _watch.Broken.Add($"jobs {string.Join(", ", _watch.Unended)} do not end: {string.Join("; ", _watch.Unended.SelectMany(Reasons).Take(10))}"
                    + $"; nodes not empty: {string.Join(", ", _nodes.Where(n => !n.IsEmpty).Select(n => n.Id))}");
            }

            Step(faults: false);
        }

        if (Broken.Count == 0 && _watch.LiveLeases > 0)
        {
            _watch.Broken.Add($"{_watch.LiveLeases} leases are left");
        }
    }

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

    /// <summary>Something that a person does, or that goes wrong.</summary>
    private void Act()
    {
        var node = _nodes[_random.Next(_nodes.Count)];
        switch (_random.Next(40))
        {
            case < 5 when _watch.Unended.Count() < 6:
                _state.Submit(NextJob(), default, "", _random.Next(8) == 0, _now);
                break;
            case < 8:
                Unlink(node);
                break;
            case < 14:
                Link(node);
                break;
            case 14 when _random.Next(2) == 0:
                Unlink(node);
                _ghosts.Add(node.SplitOff());
                break;
            case 14:
                Unlink(node);
                node.Restart();
                break;
            case 15 when SomeJob() is { } job:
                _state.Cancel(job, SomeTasks(job), _now);
                break;
            case 16 or 17 when SomeJob() is { } job:
                _state.Retry(job, SomeTasks(job), _now);
                break;
            case 18 when _watch.Ended.ToArray() is { Length: > 0 } ended:
                var again = ended[_random.Next(ended.Length)];
                _state.Reopen(_store.LoadJob(again), _state.LastReopeningOf(again), SomeTasks(again), _now);
                break;
            case 19 when SomeJob() is { } job:
                _state.Hold(job, _random.Next(2) == 0);
                break;
            case 20:
                _state.Drain(node.Id, _random.Next(2) == 0, _random.Next(2) == 0 ? null : _now + TimeSpan.FromSeconds(_random.Next(0, 10)));
                break;
            case 21:
                node.GiveBack(_random.Next(1, 4));
                break;
            case 22 when node.Linked:
                // A goodbye: unstarted work is given back before, and the agent starts anew some time.
                node.GiveBack(int.MaxValue);
                Hear(node, int.MaxValue);
                _state.Stop(node.Id, node.Incarnation, _now);
                node.Restart();
                break;
            case 23 when _random.Next(4) == 0 && _state.Forget(node.Id, _now):
                Unlink(node);
                break;
            case 24 or 25:
                NoticeLinks();
                break;
            case 26 when SomeJob() is { } job:
                _state.SetPriority(job, _random.Next(3));
                break;
            case 27 when _random.Next(2) == 0:
                var own = ImmutableDictionary<string, int?>.Empty.Add("user-1", _random.Next(3) == 0 ? null : _random.Next(1, 5));
                _state.SetUserLimits(new UserLimits(_random.Next(3) == 0 ? _random.Next(1, 8) : null, own), "user-1");
                break;
            case 27:
                _state.SetLimit(RandomJobs.Tags[_random.Next(2)], _random.Next(4) == 0 ? null : _random.Next(1, 5));
                break;
            case 28 when SomeJob() is { } job:
                _state.Cancel(job, SomeTasks(job), _now, [TaskState.Ready, TaskState.Waiting]);
                break;
            case 29 when _random.Next(2) == 0:
                node.RunShort();
                break;
            case 29 or 30 when _random.Next(8) > 0:
                node.HaveAgain();
                break;
            case 30:
                node.Stop();
                break;
            case 31 when SomeJob() is { } job && _state.Jobs.Contains(job):
                var (spec, most) = (_watch.SpecOf(job), _random.Next(4));
                spec = spec with { Templates = [.. spec.Templates.Select(t => t with { AtOnce = most })] };
                _state.Revise(job, spec, default, "", new Dictionary<JobDependency, bool>());
                break;
            default:
                break;
        }
    }

    /// <summary>Begins commands on scattered tasks, and goes on with those that were begun.</summary>
    private void DoSlices(bool faults)
    {
        if (_isSliced && faults && _random.Next(6) == 0 && SomeJob() is { } job)
        {
            var every = _random.Next(1, 4);
            var numbers = Enumerable.Range(1, _watch.SpecOf(job).TaskCount).Where(n => n % every == 0);
            var tasks = TaskSet.Of(numbers.Select(n => new TaskRange(n, n)));
            var cancels = _random.Next(2) == 0;
            _commands.Add(within => cancels
                ? _state.CancelSome(job, tasks, within, _now)
                : _state.RetrySome(job, tasks, within, _now));
            _rests.Add(null);
        }

        for (var i = _commands.Count - 1; i >= 0; i--)
        {
            if (_commands[i](_rests[i]) is { IsDone: false } slice)
            {
                _rests[i] = slice.Rest ?? TaskSlice.Nothing;
            }
            else
            {
                _commands.RemoveAt(i);
                _rests.RemoveAt(i);
            }
        }
    }

    /// <summary>A job that may wait for others, or for tasks of them.</summary>
    private JobSpec NextJob()
    {
        var job = RandomJobs.Next(_random, NodeIds, _now).Build();
        var others = _watch.Unended.Intersect(_state.Jobs).Where(_ => _random.Next(8) == 0)
            .Select(other => new JobDependency(other, _random.Next(2) == 0 ? 0 : _random.Next(1, _watch.SpecOf(other).TaskCount + 1), _random.Next(2) == 0));
        return job with { After = [.. others] };
    }

    private void Link(SimulatedNode node)
    {
        if (node.Linked)
        {
            return;
        }

        var (held, finished) = node.Hello(_now);
        var labels = node.Id.Value == "1" ? (Label[])[new Label("os", "linux")] : [];
        var result = _state.Connect(
            node.Id, node.Incarnation, new NodeDescription(NodeKind.Native, "1", "host", "", node.Resources, [.. labels]), LeaseSet.Of([.. held, .. finished]), _now);
        if (result.Refusal is null)
        {
            _unnoticed.RemoveAll(u => u.Node == node.Id);
            _lastHeard[node.Id] = _now;
            _known.Add(node.Id);

            // Before it is granted anything.
            _state.Report(node.Id, node.Incarnation, node.Problem);

            // The welcome goes out when all of this is on disk, like everything; grants of the same batch after it.
            node.Open();
            Commit();
            node.Welcome([.. LeaseSet.Of(result.Refused).Each()]);
        }
    }

    /// <summary>Breaks a link. The server may know at once, or later; what the node had sent may arrive late or not at all.</summary>
    private void Unlink(SimulatedNode node)
    {
        if (!node.Linked)
        {
            return;
        }

        _late.AddRange(node.Outbox.Where(_ => _random.Next(2) == 0).Select(m => (node.Id, node.Incarnation, m)));
        node.Outbox.Clear();
        node.Unlink();
        _unnoticed.Add((node.Id, node.Incarnation));
        if (_random.Next(2) == 0)
        {
            NoticeLinks();
        }
    }

    private void NoticeLinks()
    {
        foreach (var (node, incarnation) in _unnoticed)
        {
            _state.Disconnect(node, incarnation, _lastHeard[node]);
        }

        _unnoticed.Clear();
    }

    /// <summary>The server handles what a node has sent, up to some number of messages.</summary>
    private void Hear(SimulatedNode node, int most)
    {
        for (; most > 0 && node.Linked && node.Outbox.TryDequeue(out var message); most--)
        {
            _lastHeard[node.Id] = _now;
            Hear(node.Id, node.Incarnation, message);
        }

        if (_late.Count > 0 && _random.Next(5) == 0)
        {
            var (id, incarnation, message) = _late[0];
            _late.RemoveAt(0);
            Hear(id, incarnation, message);
        }
    }

    private void Hear(NodeId id, Incarnation incarnation, SimMessage message)
    {
        switch (message)
        {
            case SaysAlive alive when NodeOf(id) is { Linked: true } node && node.Incarnation == incarnation:
                _state.Report(id, incarnation, alive.Problem);
                node.Inbox.Enqueue(new Renewed(alive.SentAt));
                break;
            case SaysStarted started:
                _state.Start(id, incarnation, started.Lease, _now, _now);
                break;
            case SaysEnded ended when !_state.End(id, incarnation, ended.Lease, ended.Result, _now) && NodeOf(id).Linked:
                NodeOf(id).Inbox.Enqueue(new EndLease(ended.Lease, Revoked: true));
                break;
            case SaysReturned returned:
                _state.GiveBack(id, incarnation, LeaseSet.Of([returned.Leases]), _now);
                break;
            default:
                break;
        }
    }

    /// <summary>Nodes read what the server has sent.</summary>
    private void Deliver()
    {
        foreach (var node in _nodes)
        {
            for (var most = _random.Next(8); most > 0 && node.Inbox.TryDequeue(out var message); most--)
            {
                node.Receive(message, (job, template) => _watch.SpecOf(job).Templates[template]);
            }
        }
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

    private JobId? SomeJob() => _watch.Unended.ToArray() is { Length: > 0 } jobs ? jobs[_random.Next(jobs.Length)] : null;

    private TaskRange[] SomeTasks(JobId job)
    {
        var count = _watch.SpecOf(job).TaskCount;
        var first = _random.Next(1, count + 1);
        return _random.Next(2) == 0 ? [] : [new TaskRange(first, _random.Next(first, count + 1))];
    }
}
