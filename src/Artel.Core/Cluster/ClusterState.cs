namespace Artel.Core;

/// <summary>How patient the rules are.</summary>
/// <param name="LostAfter">A node whose link is down for so long is lost. After a start of the server, how long attempts in flight wait for their node.</param>
/// <param name="MaxLosses">A task that was lost with so many nodes is failed, not passed on.</param>
public sealed record ClusterRules(TimeSpan LostAfter, int MaxLosses)
{
    /// <summary>
    /// How much of a command on many tasks a turn does, in ranges of tasks. The default is about 10 ms of work for the
    /// rules and for the store.
    /// </summary>
    public int SliceWeight { get; init; } = 2048;

    public static ClusterRules Default { get; } = new(TimeSpan.FromSeconds(30), 3);
}

/// <summary>
/// The whole cluster as plain data, and the rules by which it changes. Every command is a method that takes the time as an argument,
/// makes <see cref="Change"/>s, and applies each at once; <see cref="TakeChanges"/> hands them over to be stored and told.
/// The same commands in the same order give the same changes. Not thread-safe: one thread owns it.
/// </summary>
public sealed partial class ClusterState
{
    private readonly ClusterRules _rules;
    private readonly SortedDictionary<JobId, Job> _jobs = [];
    private readonly Dictionary<NodeId, NodeRecord> _nodes = [];

    /// <summary>Nodes whose link is down and that are not lost yet.</summary>
    private readonly SortedSet<NodeId> _away = [];

    /// <summary>Draining nodes whose work is to be moved some time.</summary>
    private readonly SortedSet<NodeId> _drainedBy = [];
    private readonly Dictionary<string, UserLoad> _users = new(StringComparer.Ordinal);
    private readonly JobKinds _kinds = new();

    private readonly Reopenings _reopenings = new();
    private readonly Scheduler _scheduler = new();
    private readonly PriorityQueue<(Template Template, int Offset), DateTimeOffset> _backoffs = new();
    private List<Change> _changes = [];
    private long _lastJob;
    private long _lastPosition;
    private long _lastSequence;

    /// <param name="now">From here on, attempts in flight wait for their nodes.</param>
    public ClusterState(ClusterSnapshot snapshot, ClusterRules rules, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(rules);
        _rules = rules;
        Epoch = snapshot.Epoch;
        _lastJob = snapshot.LastJob;
        _lastPosition = snapshot.LastPosition;
        // Nodes that were told to be patient for longer, and have not come back yet, may still be so.
        var since = snapshot.LostAfterBefore > rules.LostAfter ? now + (snapshot.LostAfterBefore - rules.LostAfter) : now;
        foreach (var node in snapshot.Nodes)
        {
            Restore(node, since);
        }

        _userLimits = snapshot.UserLimits;
        foreach (var (user, bytes) in snapshot.StoredBytes)
        {
            UserOf(user).StoredBytes = bytes;
        }

        foreach (var limit in snapshot.Limits)
        {
            Apply(limit);
        }

        foreach (var job in InOrderOfWaiting(snapshot.Jobs))
        {
            Restore(job, now, waits: true);
        }

        FindFollowups();
        _budget = rules.SliceWeight;
    }

    public long Epoch { get; }

    /// <summary>How many changes were made since they were taken last, with one that could not be applied.</summary>
    public int UntakenChanges => _changes.Count;

    /// <summary>Takes the changes made since the last call, in order.</summary>
    public IReadOnlyList<Change> TakeChanges()
    {
        if (_changes.Count == 0)
        {
            return [];
        }

        var changes = _changes;
        _changes = [];
        return changes;
    }

    /// <summary>What follows from time alone: jobs whose time has come or is over, retries whose wait is over, nodes that were left alone or stayed away too long, and drains whose deadline is over.</summary>
    public void Tick(DateTimeOffset now)
    {
        FollowTime(now);
        while (_backoffs.TryPeek(out var waiting, out var due) && due <= now)
        {
            _backoffs.Dequeue();
            var (template, offset) = waiting;
            if (template.Job.BackingOff.TryGet(template.NumberAt(offset), out var notBefore) && notBefore == due)
            {
                var from = template.StateOf(offset);
                template.Job.BackingOff.Remove(template.NumberAt(offset));
                LeavePlace(template, template.HistoryOf(offset));
                MakeOpen(template, offset, from);
            }
        }

        EndRests(now);
        foreach (var id in _away.Where(id => _nodes[id].Since + _rules.LostAfter <= now).ToArray())
        {
            Lose(_nodes[id], NodeCondition.Lost, now);
        }

        // A node that is away can not be told to end anything: it is moved when it is back, or lost.
        foreach (var id in _drainedBy.Where(id => _nodes[id] is { Condition: NodeCondition.Connected, Attempts.Count: > 0 } n && n.DrainDeadline <= now).ToArray())
        {
            MoveWork(_nodes[id]);
        }
    }

    /// <summary>
    /// The clock that the caller takes its times from was set, or went on while the caller did not. What is waited for (lost nodes, retries) waits as long as it would have:
    /// else a clock that goes ahead would have nodes given up that are only just away.
    /// </summary>
    /// <param name="by">How far it went ahead; negative where it went back.</param>
    public void StepClock(TimeSpan by)
    {
        foreach (var id in _away)
        {
            _nodes[id].Since += by;
        }

        foreach (var (id, user) in _resting)
        {
            _nodes[id].Starts[user] = _nodes[id].StartsOf(user) with { NextTry = _nodes[id].StartsOf(user).NextTry + by };
        }

        foreach (var job in _jobs.Values)
        {
            foreach (var (task, due) in job.BackingOff.Values.ToArray())
            {
                var template = job.TemplateOf(task);
                job.BackingOff[task] = due + by;
                _backoffs.Enqueue((template, task - template.Spec.FirstTask), due + by);
            }
        }
    }

    /// <summary>
    /// Begins a turn (see <see cref="Continue"/>), and grants leases until no node has room for anything that waits.
    /// </summary>
    public void Place(DateTimeOffset now)
    {
        Continue(now);
        _scheduler.Place(_nodes, _jobs, (template, offsets, node) => Grant(template, offsets, node, now), now);
    }

    private void Grant(Template template, TaskRange offsets, NodeRecord node, DateTimeOffset now)
    {
        if (template.Job.Started is null)
        {
            Emit(new JobStarted(template.Job.Id, now));
        }

        Emit(new LeasesGranted(
            new LeaseRange(Epoch, _lastSequence + 1, offsets.Count), template.Job.Id, template.Index, template.Spec.FirstTask + offsets.First,
            offsets.First, template.HistoryOf(offsets.First).Attempts + 1, node.Id, node.Incarnation, now)
        {
            Due = template.Job.Due,
        });
    }

    private void Emit(Change change)
    {
        // Noted first: where applying it throws, the state is half changed, and UntakenChanges tells that something was begun.
        _changes.Add(change);
        Apply(change);
    }
}
