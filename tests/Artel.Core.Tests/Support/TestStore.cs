namespace Artel.Core.Tests;

/// <summary>
/// What a store keeps of the changes, in the plainest way: a row for each unfinished thing. Written from the meaning of the changes,
/// knowing nothing of the state that made them.
/// </summary>
internal sealed class TestStore
{
    private readonly SortedDictionary<JobId, StoredJob> _jobs = [];
    private readonly SortedDictionary<NodeId, NodeSnapshot> _nodes = [];
    private UserLimits _userLimits = UserLimits.None;
    private readonly SortedDictionary<string, LimitSet> _limits = new(StringComparer.Ordinal);
    private long _lastJob;
    private long _lastPosition;

    public void Commit(IReadOnlyList<Change> batch)
    {
        foreach (var change in batch)
        {
            Commit(change);
        }
    }

    /// <summary>What is unfinished.</summary>
    public ClusterSnapshot Load(long epoch) => new(
        epoch, _lastJob, _lastPosition, [.. _jobs.Values.Where(j => !j.Ended).Select(j => j.ToSnapshot())], [.. _nodes.Values])
    {
        Limits = [.. _limits.Values],
        UserLimits = _userLimits,
    };

    public JobSnapshot LoadJob(JobId job) => _jobs[job].ToSnapshot();

    private void Commit(Change change)
    {
        switch (change)
        {
            case JobSubmitted c:
                _lastJob = c.Job.Value;
                _jobs[c.Job] = new StoredJob(c);
                break;
            case JobStarted c:
                _jobs[c.Job].Started = c.At;
                break;
            case JobHeldOrReleased c:
                _jobs[c.Job].Held = c.Held;
                break;
            case JobEnded c:
                _jobs[c.Job].Ended = true;
                _jobs[c.Job].Earlier.Clear();
                break;
            case JobReopened c:
                _jobs[c.Job].Ended = false;
                break;
            case LeasesGranted c:
                _jobs[c.Job].Grant(c);
                break;
            case AttemptStarted:
                break;
            case AttemptEnded c:
                _lastPosition = c.Position;
                _jobs[c.Task.Job].End(c);
                break;
            case LeaseReturned c:
                _jobs[c.Task.Job].Open.Remove(c.Lease);
                break;
            case CancelRequested c:
                _jobs[c.Task.Job].Cancelling[c.Lease] = c.Reason;
                break;
            case TasksEnded c:
                _jobs[c.Job].End(c);
                break;
            case TasksRetried c:
                _jobs[c.Job].Retry(c);
                break;
            case NodeConnected c:
                var known = _nodes.GetValueOrDefault(c.Node);
                _nodes[c.Node] = new NodeSnapshot(c.Node, c.Incarnation, c.Description, NodeCondition.Connected, known?.Draining ?? false, c.At)
                {
                    DrainDeadline = known?.DrainDeadline,
                    DrainReason = known?.DrainReason ?? "",
                };
                break;
            case NodeDisconnected c:
                _nodes[c.Node] = _nodes[c.Node] with { Condition = c.Condition, LastSeen = c.At };
                break;
            case NodeDraining c:
                _nodes[c.Node] = _nodes[c.Node] with
                {
                    Draining = c.Draining,
                    DrainDeadline = c.Deadline,
                    DrainReason = c.Reason,
                };
                break;
            case JobRevised c:
                _jobs[c.Job].Revise(c);
                break;
            case JobPriorityChanged c:
                _jobs[c.Job].Priority = c.Priority;
                break;
            case LimitSet { Most: null } c:
                _limits.Remove(c.Tag);
                break;
            case LimitSet c:
                _limits[c.Tag] = c;
                break;
            case UserLimitsSet c:
                _userLimits = c.Limits;
                break;
            case MoveRequested or NodeStartsJudged or NodeReported or DependencyMet or StartTimeReached:
                break;
            case NodeForgotten c:
                _nodes.Remove(c.Node);
                break;
            default:
                throw new InvalidOperationException($"the store knows no {change.GetType().Name}");
        }
    }

    private sealed class StoredJob(JobSubmitted submitted)
    {
        private readonly SortedDictionary<int, TaskState> _ended = [];
        private readonly SortedDictionary<int, TaskHistorySnapshot> _histories = [];
        private readonly SortedDictionary<NodeId, NodeTally> _tallies = [];

        private JobSpec _spec = submitted.Spec;
        private ReadOnlyMemory<byte> _document = submitted.Document;

        public List<(Lease UpTo, JobSpec Spec)> Earlier { get; } = [];

        public bool Held { get; set; } = submitted.Held;

        public bool Ended { get; set; }

        public int Priority { get; set; } = submitted.Spec.Priority;

        public DateTimeOffset? Started { get; set; }

        public Dictionary<Lease, OpenLease> Open { get; } = [];

        public Dictionary<Lease, string> Cancelling { get; } = [];

        public void Revise(JobRevised revised)
        {
            Earlier.Add((revised.UpTo, _spec));
            (_spec, _document) = (revised.Spec, revised.Document);
        }

        public void Grant(LeasesGranted granted)
        {
            for (var i = 0; i < granted.Leases.Count; i++)
            {
                Open.Add(granted.Leases[i], new OpenLease(
                    granted.Leases[i], granted.Leases, granted.FirstTask + i, granted.Attempt, granted.Node, granted.Incarnation, granted.At));
            }
        }

        public void End(AttemptEnded ended)
        {
            Open.Remove(ended.Lease);
            Cancelling.Remove(ended.Lease);
            var tally = _tallies.GetValueOrDefault(ended.Node) with { Node = ended.Node };
            _tallies[ended.Node] = ended.Next == TaskState.Succeeded
                ? tally with { Succeeded = tally.Succeeded + 1 }
                : tally with { FailedAttempts = tally.FailedAttempts + (ended.Result.Outcome == AttemptOutcome.Moved ? 0 : 1) };
            if (ended.Next.HasEnded())
            {
                _ended.Add(ended.Task.Number, ended.Next);
            }

            if (ended.Next == TaskState.Succeeded)
            {
                _histories.Remove(ended.Task.Number);
            }
            else
            {
                _histories[ended.Task.Number] = new TaskHistorySnapshot(ended.Task.Number, ended.History, ended.NotBefore);
            }
        }

        public void End(TasksEnded ended)
        {
            foreach (var task in ended.Tasks.Each())
            {
                _ended.Add(task, ended.State);
            }
        }

        public void Retry(TasksRetried retried)
        {
            foreach (var task in retried.Tasks.Each())
            {
                Assert.True(_ended.Remove(task, out var from));
                Assert.Equal(retried.From, from);
                if (_histories.TryGetValue(task, out var history))
                {
                    _histories[task] = new TaskHistorySnapshot(task, history.History with { Failures = 0, Losses = [], FailedOn = [], NotStartedOn = [] }, null);
                }
            }
        }

        public JobSnapshot ToSnapshot() => new(
            submitted.Job, _spec, _document, Held, submitted.At, Started,
            [.. _ended.Select(e => new EndedTasks(new TaskRange(e.Key, e.Key), e.Value))],
            [.. _histories.Values],
            [.. Open.Values.OrderBy(o => o.Lease.Epoch).ThenBy(o => o.Lease.Sequence)],
            [.. Cancelling.Where(c => Open.ContainsKey(c.Key)).Select(c => new CancelledTask(Open[c.Key].Task, c.Value))])
        {
            Shares = [.. _tallies.Values],
            Priority = Priority,
            Earlier = [.. Earlier],
        };
    }
}
