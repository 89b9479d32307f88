namespace Artel.Core.Tests;

/// <summary>
/// Watches the stream of changes alone and says what in it must not be. Keeps its own plain books per task, so the state can not
/// talk it into anything.
/// </summary>
internal sealed class ChangeWatch
{
    private readonly Dictionary<JobId, WatchedJob> _jobs = [];

    /// <summary>Of jobs of one task, those of which one was short.</summary>
    private readonly HashSet<(string User, string Name)> _hadShort = [];
    private readonly Dictionary<NodeId, (NodeDescription Description, NodeCondition Condition, bool Draining)> _nodes = [];
    private readonly Dictionary<NodeId, DateTimeOffset?> _deadlines = [];

    /// <summary>Nodes that have said that they take no work.</summary>
    private readonly HashSet<NodeId> _unwilling = [];
    private readonly Dictionary<Lease, (TaskId Task, NodeId Node)> _live = [];
    private readonly Dictionary<string, int> _limits = [];
    private UserLimits _userLimits = UserLimits.None;

    /// <summary>Leases that were asked for because of a drain. Asked again when their node comes back.</summary>
    private readonly HashSet<Lease> _moving = [];
    private readonly Dictionary<(NodeId Node, string User), StartRecord> _starts = [];
    private readonly Dictionary<NodeId, Incarnation> _incarnations = [];
    private Lease _lastLease;
    private long _lastPosition;

    public List<string> Broken { get; } = [];

    public IEnumerable<JobId> Unended => _jobs.Where(j => j.Value.Ended is null).Select(j => j.Key).Order();

    public IEnumerable<JobId> Ended => _jobs.Where(j => j.Value.Ended is not null).Select(j => j.Key).Order();

    public int LiveLeases => _live.Count;

    public JobSpec SpecOf(JobId job) => _jobs[job].Spec;

    /// <summary>Nodes that were connected are away until they have said hello to the next server.</summary>
    public void ServerDied()
    {
        foreach (var (id, node) in _nodes.Where(n => n.Value.Condition == NodeCondition.Connected).ToArray())
        {
            _nodes[id] = node with { Condition = NodeCondition.Disconnected };
        }

        _starts.Clear();
    }

    public void See(Change change, DateTimeOffset now)
    {
        switch (change)
        {
            case JobSubmitted c:
                Expect(_jobs.TryAdd(c.Job, new WatchedJob(c.Spec) { Held = c.Held }), $"job {c.Job} is submitted twice");
                break;
            case JobHeldOrReleased c:
                _jobs[c.Job].Held = c.Held;
                break;
            case JobRevised c:
                _jobs[c.Job].Spec = c.Spec;
                break;
            case JobReopened c:
                Expect(_jobs[c.Job].Ended is not null, $"job {c.Job} is reopened and had not ended");
                _jobs[c.Job].Ended = null;
                _jobs[c.Job].WaitsForOthers = false;
                break;
            case UserLimitsSet c:
                _userLimits = c.Limits;
                break;
            case LimitSet { Most: { } most } c:
                _limits[c.Tag] = most;
                break;
            case LimitSet c:
                _limits.Remove(c.Tag);
                break;
            case JobEnded c:
                See(c);
                break;
            case LeasesGranted c:
                See(c, now);
                break;
            case AttemptEnded c:
                See(c, now);
                break;
            case LeaseReturned c:
                Close(c.Lease, c.Task, c.Node);
                _jobs[c.Task.Job].Tasks[c.Task.Number].Place = WatchedPlace.Never;
                break;
            case TasksEnded c:
                See(c);
                break;
            case TasksRetried c:
                See(c);
                break;
            case NodeStartsJudged c:
                _starts[(c.Node, c.User)] = c.Starts;
                break;
            case NodeConnected c:
                if (_incarnations.GetValueOrDefault(c.Node) != c.Incarnation)
                {
                    ForgetStarts(c.Node);
                }

                _incarnations[c.Node] = c.Incarnation;
                _unwilling.Remove(c.Node);
                _nodes[c.Node] = (c.Description, NodeCondition.Connected, _nodes.TryGetValue(c.Node, out var known) && known.Draining);
                break;
            case NodeReported { Problem: "" } c:
                _unwilling.Remove(c.Node);
                break;
            case NodeReported c:
                _unwilling.Add(c.Node);
                break;
            case NodeDisconnected c:
                _nodes[c.Node] = _nodes[c.Node] with { Condition = c.Condition };
                break;
            case NodeDraining c:
                _nodes[c.Node] = _nodes[c.Node] with { Draining = c.Draining };
                _deadlines[c.Node] = c.Deadline;
                break;
            case MoveRequested c:
                Expect(_deadlines[c.Node] <= now || _moving.Contains(c.Lease), $"{c.Task} is moved from {c.Node}, which drains by {_deadlines[c.Node]}");
                _moving.Add(c.Lease);
                break;
            case NodeForgotten c:
                _nodes.Remove(c.Node);
                ForgetStarts(c.Node);
                _deadlines.Remove(c.Node);
                break;
            default:
                break;
        }
    }

    private void See(LeasesGranted granted, DateTimeOffset now)
    {
        var job = _jobs[granted.Job];
        var spec = job.Spec.Templates[granted.Template];
        var node = _nodes[granted.Node];
        Expect(!job.GaveUp, $"{granted.Job}.{granted.FirstTask} is granted, though more tasks of its job failed than may");
        Expect(job.Ended is null && !job.Held, $"{granted.Job}.{granted.FirstTask} is granted, its job is held or over");
        Expect(
            !_unwilling.Contains(granted.Node),
            $"{granted.Job}.{granted.FirstTask} is granted to {granted.Node}, which has said that it takes no work");
        Expect(node is { Condition: NodeCondition.Connected, Draining: false }, $"{granted.Job}.{granted.FirstTask} is granted to {granted.Node}, which takes no work");
        Expect(Load.CanEverFit(node.Description.Resources, spec.Needs), $"{granted.Job}.{granted.FirstTask} can never fit {granted.Node}");
        Expect(spec.Labels.All(node.Description.Labels.Contains), $"{granted.Node} lacks a label of {granted.Job}.{granted.FirstTask}");
        var starts = StartsOf(granted.Node, job.Spec.User);
        Expect(starts.NextTry is null, $"{granted.Job}.{granted.FirstTask} is granted to {granted.Node}, which is left alone until {starts.NextTry}");
        Expect(starts.IsGood || granted.Leases.Count == 1, $"{granted.Leases.Count} tasks are granted to {granted.Node}, where the last could not be started");
        CheckAfter(granted, job, spec);
        CheckOthers(granted, job, now);

        for (var i = 0; i < granted.Leases.Count; i++)
        {
            var (lease, number) = (granted.Leases[i], granted.FirstTask + i);
            var task = job.Tasks[number];
            var id = new TaskId(granted.Job, number);
            Expect(lease.Epoch > _lastLease.Epoch || (lease.Epoch == _lastLease.Epoch && lease.Sequence > _lastLease.Sequence), $"lease {lease} is not new");
            Expect(task.Place is not (WatchedPlace.Live or WatchedPlace.Over), $"{id} is granted, and is {task.Place}");
            Expect(granted.Attempt == task.Attempts + 1, $"{id} gets attempt {granted.Attempt} after {task.Attempts}");
            Expect(task.NotBefore is null || task.NotBefore <= now, $"{id} is granted {task.NotBefore - now} too early");
            if (spec.Section >= 0 && !task.Stray)
            {
                CheckList(granted, job, spec, number);
            }
            else if (task.Avoids(granted.Node) && task.LostWith is null)
            {
                var others = _nodes.Where(n => n.Value is { Condition: NodeCondition.Connected, Draining: false }
                    && !_unwilling.Contains(n.Key)
                    && StartsOf(n.Key, job.Spec.User).NextTry is null && !task.Avoids(n.Key)
                    && Load.CanEverFit(n.Value.Description.Resources, spec.Needs) && spec.Labels.All(n.Value.Description.Labels.Contains));
                Expect(spec.Section >= 0 || !others.Any(), $"{id} failed on {granted.Node} and is granted to it again, not to one of {string.Join(", ", others.Select(o => o.Key))}");
            }
            else if (task.Stray is false && task.LostWith is { } bound && spec.OnNodeLost == OnNodeLost.Wait)
            {
                Expect(bound == granted.Node, $"{id} waits for {bound} and is granted to {granted.Node}");
            }

            task.Place = WatchedPlace.Live;
            _live[lease] = (id, granted.Node);
            _lastLease = lease;
        }

        CheckWorkAhead(granted, job, spec);
        CheckLimits(granted, spec);
    }

    private void CheckAfter(LeasesGranted granted, WatchedJob job, TemplateSpec spec)
    {
        foreach (var on in spec.After)
        {
            var needed = job.Spec.Templates[on.Template];
            var tasks = on.Each ? Enumerable.Range(needed.FirstTask + granted.FirstPosition, granted.Leases.Count) : Enumerable.Range(needed.FirstTask, needed.Count);
            Expect(
                tasks.All(t => job.Tasks[t].Place == WatchedPlace.Over && (on.AnyOutcome || job.Tasks[t].State == TaskState.Succeeded)),
                $"{granted.Job}.{granted.FirstTask} is granted before {needed.Name} has {(on.AnyOutcome ? "ended" : "succeeded")}{(on.Each ? " there" : "")}");
        }
    }

    /// <summary>What a job waits for in others must have ended once: it may run again since.</summary>
    private void CheckOthers(LeasesGranted granted, WatchedJob job, DateTimeOffset now)
    {
        Expect(!job.WaitsForOthers || !(job.Spec.StartAt > now), $"{granted.Job}.{granted.FirstTask} is granted before its time");
        foreach (var on in job.WaitsForOthers ? job.Spec.After : [])
        {
            var ends = on.Task == 0 ? _jobs[on.Job].Ends : _jobs[on.Job].Tasks[on.Task].Ends;
            Expect(
                ends.Any(succeeded => on.AnyOutcome || succeeded),
                $"{granted.Job}.{granted.FirstTask} is granted before {on.Job}.{on.Task} has {(on.AnyOutcome ? "ended" : "succeeded")}");
        }
    }

    private void CheckLimits(LeasesGranted granted, TemplateSpec spec)
    {
        var inHands = _live.Values.Count(l => l.Task.Job == granted.Job && spec.Tasks.Contains(l.Task.Number));
        Expect(spec.AtOnce == 0 || inHands <= spec.AtOnce, $"{granted.Job}.{granted.FirstTask} is granted, {inHands} of {spec.Name} at once");
        var user = _jobs[granted.Job].Spec.User;
        if (_userLimits.Of(user) is { } ofUser)
        {
            var running = _live.Values.Count(l => _jobs[l.Task.Job].Spec.User == user);
            Expect(running <= ofUser, $"{granted.Job}.{granted.FirstTask} is granted, {running} of {user} of {ofUser}");
        }

        foreach (var tag in spec.Tags.Where(_limits.ContainsKey))
        {
            var used = _live.Values.Count(l => _jobs[l.Task.Job].TemplateOf(l.Task.Number).Tags.Contains(tag));
            Expect(used <= _limits[tag], $"{granted.Job}.{granted.FirstTask} is granted, {used} with the tag {tag} of {_limits[tag]}");
        }
    }

    private void CheckList(LeasesGranted granted, WatchedJob job, TemplateSpec spec, int number)
    {
        var section = job.Spec.Sections[spec.Section];
        var first = job.Spec.Templates[section.FirstTemplate].FirstTask;
        var last = job.Spec.Templates[section.FirstTemplate + section.TemplateCount - 1].Tasks.Last;
        Expect(section.Node == granted.Node, $"{granted.Job}.{number} is of the list of {section.Node}, granted to {granted.Node}");
        Expect(
            Enumerable.Range(first, number - first).All(t => job.Tasks[t].Place != WatchedPlace.Never || job.Tasks[t].Stray),
            $"{granted.Job}.{number} is granted before an earlier one of its list");
        var active = Enumerable.Range(first, last - first + 1).Count(t => job.Tasks[t] is { Place: WatchedPlace.Live, Stray: false });
        Expect(active < section.AtOnce, $"list of {section.Node} in job {granted.Job} has {active + 1} at once");
    }

    /// <summary>More than fits at once goes only to a node that is known to be through with such tasks soon.</summary>
    private void CheckWorkAhead(LeasesGranted granted, WatchedJob job, TemplateSpec spec)
    {
        var load = new Load();
        foreach (var (task, _) in _live.Values.Where(l => l.Node == granted.Node))
        {
            load.Add(_jobs[task.Job].TemplateOf(task.Number).Needs, 1);
        }

        var capacity = _nodes[granted.Node].Description.Resources;
        var oversubscribed = (spec.Needs.MilliCpus > 0 && load.MilliCpus > capacity.MilliCpus)
            || (spec.Needs.MemoryBytes > 0 && load.MemoryBytes > capacity.MemoryBytes);
        Expect(
            !oversubscribed || job.HadShort || (job.Tasks.Count == 1 && _hadShort.Contains((job.Spec.User, job.Spec.Name))),
            $"{granted.Node} has more than it can run at once, of job {granted.Job} that has no short tasks, nor one like it");
    }

    private void See(AttemptEnded ended, DateTimeOffset now)
    {
        Close(ended.Lease, ended.Task, ended.Node);
        var job = _jobs[ended.Task.Job];
        var task = job.Tasks[ended.Task.Number];
        var spec = job.TemplateOf(ended.Task.Number);
        task.Attempts++;
        job.HadShort |= ended.Result.Usage.Wall < WorkAhead.Ahead;
        if (job is { HadShort: true, Tasks.Count: 1 })
        {
            _hadShort.Add((job.Spec.User, job.Spec.Name));
        }

        Expect(ended.Attempt == task.Attempts && ended.History.Attempts == task.Attempts, $"{ended.Task} ends attempt {ended.Attempt} as its number {task.Attempts}");
        Expect(ended.Position == _lastPosition + 1, $"position {ended.Position} follows {_lastPosition}");
        _lastPosition = ended.Position;
        if (ended.Result.Outcome is AttemptOutcome.Lost && ended.Next != TaskState.Cancelled)
        {
            task.Losses++;
            task.LostWith = ended.Node;
            task.Stray |= spec.Section >= 0 && spec.OnNodeLost == OnNodeLost.Requeue;
        }
        else if (ended.Result.Outcome is AttemptOutcome.Moved)
        {
            Expect(ended.Next is TaskState.Cancelled or TaskState.Ready && ended.NotBefore is null, $"{ended.Task} is moved and then {ended.Next}");
        }
        else if (ended is { Result.Outcome: AttemptOutcome.NotStarted, Next: TaskState.Ready, NotBefore: null } && ended.History.NotStartedOn.Contains(ended.Node))
        {
            // Tried on another node first: no failure of the task.
            Expect(spec is { Section: < 0, Retry.NoRetryOn: null }, $"{ended.Task} is tried elsewhere though only its node may run it, or it is not to be tried again");
            Expect(ended.History.Failures == task.Failures, $"{ended.Task} counts {ended.History.Failures} failures, not {task.Failures}, after one that is none");
            task.NotStartedOn.Add(ended.Node);
        }
        else if (ended.Result.Outcome is not (AttemptOutcome.Succeeded or AttemptOutcome.Cancelled or AttemptOutcome.Lost) && ended.Next != TaskState.Cancelled)
        {
            task.Failures++;
            if (ended.Result.Outcome == AttemptOutcome.NotStarted)
            {
                task.NotStartedOn.Clear();
            }

            if (spec.Retry.AvoidSameNode)
            {
                task.FailedOn.Add(ended.Node);
            }

            var (status, outcome) = (ended.Result.ExitStatus, ended.Result.Outcome);
            var refused = (spec.Retry.RetryOn is not null && !(status is 1 or 2 || outcome == AttemptOutcome.TimedOut))
                || (spec.Retry.NoRetryOn is not null && (status == 3 || outcome == AttemptOutcome.NotStarted));
            Expect(
                (ended.Next == TaskState.Failed) == (task.Failures > spec.Retry.Retries || refused),
                $"{ended.Task} is {ended.Next} after failure {task.Failures} with {outcome} {status}");
        }

        Expect((ended.Next == TaskState.Succeeded) == (ended.Result.Outcome == AttemptOutcome.Succeeded), $"{ended.Task} is {ended.Next} by an attempt that {ended.Result.Outcome}");
        task.NotBefore = ended.NotBefore;
        (task.Place, task.State) = ended.Next.HasEnded() ? (WatchedPlace.Over, ended.Next) : (WatchedPlace.Tried, TaskState.Ready);
        if (ended.Next.HasEnded())
        {
            task.Ends.Add(ended.Next == TaskState.Succeeded);
        }

        if (ended.Next == TaskState.Failed)
        {
            var failed = job.Tasks.Values.Count(t => t is { Place: WatchedPlace.Over, State: TaskState.Failed });
            job.GaveUp |= failed > job.Spec.MaxFails;
        }
        Expect(ended.At <= now, $"{ended.Task} ends in the future");
    }

    private void See(TasksEnded ended)
    {
        foreach (var number in ended.Tasks.Each())
        {
            var task = _jobs[ended.Job].Tasks[number];
            Expect(task.Place is not (WatchedPlace.Live or WatchedPlace.Over), $"{ended.Job}.{number} is {ended.State}, and was {task.Place}");
            (task.Place, task.State) = (WatchedPlace.Over, ended.State);
            task.Ends.Add(false);
        }
    }

    private void See(TasksRetried retried)
    {
        _jobs[retried.Job].GaveUp = false;
        foreach (var number in retried.Tasks.Each())
        {
            var task = _jobs[retried.Job].Tasks[number];
            Expect(task.Place == WatchedPlace.Over && task.State == retried.From, $"{retried.Job}.{number} is retried from {retried.From}, and was {task.State}");
            (task.Place, task.State, task.Failures, task.Losses) = (WatchedPlace.Never, TaskState.Ready, 0, 0);
            (task.NotBefore, task.LostWith, task.Stray) = (null, null, false);
            task.FailedOn.Clear();
            task.NotStartedOn.Clear();
        }
    }

    private void See(JobEnded ended)
    {
        var job = _jobs[ended.Job];
        var states = job.Tasks.Values.Where(t => t.Place == WatchedPlace.Over).CountBy(t => t.State).ToDictionary();
        int Of(TaskState state) => states.GetValueOrDefault(state);
        var total = job.Tasks.Count;
        Expect(job.Ended is null, $"job {ended.Job} ends twice");
        Expect(
            ended.Counts == new TaskCounts(total, 0, 0, 0, 0, Of(TaskState.Succeeded), Of(TaskState.Failed), Of(TaskState.Cancelled), Of(TaskState.Skipped)),
            $"job {ended.Job} ends with {ended.Counts}");
        Expect(states.Values.Sum() == total, $"job {ended.Job} ends with {total - states.Values.Sum()} tasks open");
        var expected = Of(TaskState.Failed) > 0 ? JobState.Failed : Of(TaskState.Cancelled) + Of(TaskState.Skipped) > 0 ? JobState.Cancelled : JobState.Succeeded;
        Expect(ended.State == expected, $"job {ended.Job} is {ended.State}, not {expected}");
        job.Ended = ended.State;
        job.Ends.Add(ended.State == JobState.Succeeded);
    }

    private void Close(Lease lease, TaskId task, NodeId node)
    {
        Expect(_live.Remove(lease, out var live) && live == (task, node), $"lease {lease} of {task} ends on {node}, and is not live there");
    }

    private StartRecord StartsOf(NodeId node, string user) => _starts.GetValueOrDefault((node, user), StartRecord.Good);

    private void ForgetStarts(NodeId node)
    {
        foreach (var known in _starts.Keys.Where(k => k.Node == node).ToArray())
        {
            _starts.Remove(known);
        }
    }

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            Broken.Add(otherwise);
        }
    }
}
