namespace Artel.Core.Tests;

/// <summary>
/// Several users at equal priority on a few nodes, at random by seed: arrays of tasks of different sizes, some of which
/// fail and avoid the node they failed on. Keeps its own plain books of who has what, and says where a user was passed
/// over, or where room was left empty.
/// </summary>
internal sealed class SharedCluster
{
    private readonly TestCluster _cluster = new();
    private readonly Random _random;
    private readonly Dictionary<string, int> _nodes = [];
    private readonly Dictionary<JobId, (string User, int MilliCpus)> _jobs = [];
    private readonly Dictionary<JobId, HashSet<int>> _waiting = [];
    private readonly List<(JobId Job, int Task, string Node)> _running = [];
    private readonly HashSet<(JobId Job, int Task)> _failed = [];
    private readonly Dictionary<string, int> _passedOver = [];

    public SharedCluster(int seed)
    {
        _random = new Random(seed);
        for (var n = _random.Next(1, 5); n > 0; n--)
        {
            _nodes[$"n{n}"] = _random.Next(1, 9);
            _cluster.Connect($"n{n}", cpus: _nodes[$"n{n}"]);
        }
    }

    public List<string> Broken { get; } = [];

    /// <summary>Most grants in a row to users who had more, while a task of one who had less fitted there.</summary>
    public int MostPassedOver { get; private set; }

    /// <summary>Why tasks wait that have not started.</summary>
    public IEnumerable<string> Reasons =>
        from w in _waiting
        from task in w.Value
        select $"{w.Key}.{task}: {string.Join(", ", _cluster.Why(w.Key, task).AsEnumerable())}";

    public void Step()
    {
        if (_random.Next(12) == 0 || _running.Count == 0)
        {
            Submit();
        }
        else
        {
            End();
        }
    }

    /// <summary>Ends one task after the other until nothing is left.</summary>
    public void Finish()
    {
        while (_running.Count > 0)
        {
            End();
        }
    }

    private void Submit()
    {
        var user = $"user-{_random.Next(4)}";
        var most = _nodes.Values.Max() * 1000;
        var milliCpus = Math.Min(most, (_random.Next(4) == 0 ? _random.Next(1, 9) : 1) * (_random.Next(6) == 0 ? 500 : 1000));
        var count = _random.Next(3) == 0 ? _random.Next(20, 60) : _random.Next(1, 6);
        var job = _cluster.Submit(JobBuilder.Array(count, t => t with
        {
            Needs = new Needs(milliCpus, 0, 0, []),
            Retry = new RetryPolicy(1, default, 1, default) { AvoidSameNode = true },
            Timeout = _random.Next(4) == 0 ? TimeSpan.FromSeconds(_random.Next(10, 100)) : null,
        }).With(j => j with { User = user }));
        _jobs[job] = (user, milliCpus);
        _waiting[job] = [.. Enumerable.Range(1, count)];
        SeeGrants();
    }

    private void End()
    {
        var at = _random.Next(_running.Count);
        var (job, task, node) = _running[at];
        _running.RemoveAt(at);
        if (_random.Next(8) == 0)
        {
            _cluster.Fail(job, task);
            SeeGrants();
            if (_failed.Add((job, task)))
            {
                _waiting[job].Add(task);
            }
        }
        else
        {
            _cluster.Succeed(job, task, _random.Next(1, 60));
            SeeGrants();
        }

        // A retry is due when some time has gone by.
        _cluster.Pass(1);
        SeeGrants();
    }

    private void SeeGrants()
    {
        foreach (var granted in _cluster.Last.OfType<LeasesGranted>())
        {
            var (user, node) = (_jobs[granted.Job].User, granted.Node.Value);
            _passedOver[user] = 0;

            foreach (var other in _jobs.Values.Select(j => j.User).Distinct().Where(o => Has(o) < Has(user) && IsNext(o, node)))
            {
                var passed = _passedOver[other] = _passedOver.GetValueOrDefault(other) + 1;
                MostPassedOver = Math.Max(MostPassedOver, passed);
            }

            for (var task = granted.FirstTask; task < granted.FirstTask + granted.Leases.Count; task++)
            {
                _waiting[granted.Job].Remove(task);
                _running.Add((granted.Job, task, node));
            }
        }

        SeeRoom();
    }

    /// <summary>Room is left empty for the sake of a larger task only, and on no more than half of the nodes.</summary>
    private void SeeRoom()
    {
        var empty = 0;
        foreach (var node in _nodes.Keys.Where(n => _waiting.Any(w => Fits(w.Key, w.Value, n))))
        {
            empty++;
            if (!_waiting.Any(w => w.Value.Count > 0 && _jobs[w.Key].MilliCpus is var size && size <= _nodes[node] * 1000 && size > Free(node)))
            {
                Broken.Add($"node {node} has {Free(node)} free, and nothing larger waits than what fits");
            }
        }

        if (empty > Math.Max(1, _nodes.Count / 2))
        {
            Broken.Add($"{empty} of {_nodes.Count} nodes are kept");
        }
    }

    /// <summary>
    /// True if the free room of the node goes to this user before anyone who has more: the oldest of their jobs fits,
    /// and no larger task of a user who has no more waits for the node. Such a task may have the node reserved, and
    /// then only tasks that do not delay it start there, whoever owns them.
    /// </summary>
    private bool IsNext(string user, string node)
    {
        var waiting = _waiting.Where(w => w.Value.Count > 0).Select(w => w.Key).Order().ToArray();
        var oldest = waiting.Where(job => _jobs[job].User == user).Select(job => (JobId?)job).FirstOrDefault();
        return oldest is { } job && Fits(job, _waiting[job], node)
            && !waiting.Any(other => Has(_jobs[other].User) <= Has(user) && _jobs[other].MilliCpus is var size && size > Free(node) && size <= _nodes[node] * 1000);
    }

    /// <summary>
    /// True if a waiting task of the job fits into the free room of the node. A task that failed there does not count.
    /// </summary>
    private bool Fits(JobId job, HashSet<int> waiting, string node) =>
        _jobs[job].MilliCpus <= Free(node) && waiting.Any(task => !_failed.Contains((job, task)));

    private int Free(string node) => (_nodes[node] * 1000) - _running.Where(r => r.Node == node).Sum(r => _jobs[r.Job].MilliCpus);

    /// <summary>The load of a user, as the scheduler counts it: the sum of the shares that tasks take of their nodes.</summary>
    private long Has(string user) =>
        _running.Where(r => _jobs[r.Job].User == user).Sum(r => (long)((double)_jobs[r.Job].MilliCpus / (_nodes[r.Node] * 1000) * 1_000_000));
}
