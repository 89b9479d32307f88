using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

/// <summary>What a store must know after some changes, kept in the plainest way: the measure of every real store.</summary>
internal sealed class ReferenceCluster
{
    public SortedDictionary<long, JobModel> Jobs { get; } = [];

    public SortedDictionary<string, NodeSnapshot> Nodes { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, LimitSet> Limits { get; } = new(StringComparer.Ordinal);

    /// <summary>Added up anew from everything there is.</summary>
    public Dictionary<string, long> StoredBytes => Jobs.Values.GroupBy(j => j.Made.Spec.User).Select(u => KeyValuePair.Create(
            u.Key, u.Sum(j => j.Document.Length + j.Attempts.Sum(a => a.Result.Stdout.Length + a.Result.Stderr.Length))))
        .Where(u => u.Value > 0).ToDictionary(StringComparer.Ordinal);

    public Dictionary<Lease, OpenLease> Open { get; } = [];

    /// <summary>With the reason.</summary>
    public Dictionary<Lease, string> Cancels { get; } = [];

    public long LastPosition { get; private set; }

    public void Apply(Change change)
    {
        switch (change)
        {
            case JobSubmitted made:
                Jobs.Add(made.Job.Value, new JobModel(made));
                break;
            case JobStarted started:
                Jobs[started.Job.Value].Started = started.At;
                break;
            case JobHeldOrReleased held:
                Jobs[held.Job.Value].Held = held.Held;
                break;
            case JobEnded ended:
                Jobs[ended.Job.Value].End = ended;
                Jobs[ended.Job.Value].Earlier.Clear();
                break;
            case JobReopened reopened:
                Jobs[reopened.Job.Value].End = null;
                break;
            case LeasesGranted granted:
                Jobs[granted.Job.Value].Granted.Add(granted.Leases);
                for (var i = 0; i < granted.Leases.Count; i++)
                {
                    Open.Add(granted.Leases[i], new OpenLease(
                        granted.Leases[i], granted.Leases, granted.FirstTask + i, granted.Attempt, granted.Node, granted.Incarnation, granted.At));
                }

                break;
            case AttemptEnded ended:
                Close(ended.Lease);
                LastPosition = ended.Position;
                Jobs[ended.Task.Job.Value].Apply(ended);
                break;
            case LeaseReturned returned:
                Close(returned.Lease);
                break;
            case CancelRequested cancel:
                Cancels.TryAdd(cancel.Lease, cancel.Reason);
                break;
            case TasksEnded ended:
                Jobs[ended.Job.Value].Apply(ended);
                break;
            case TasksRetried retried:
                Jobs[retried.Job.Value].Apply(retried);
                break;
            case NodeConnected connected:
                var known = Nodes.GetValueOrDefault(connected.Node.Value);
                Nodes[connected.Node.Value] = new NodeSnapshot(
                    connected.Node, connected.Incarnation, connected.Description, NodeCondition.Connected, known?.Draining ?? false, connected.At)
                {
                    DrainDeadline = known?.DrainDeadline,
                    DrainReason = known?.DrainReason ?? "",
                };
                break;
            case NodeDisconnected gone:
                Nodes[gone.Node.Value] = Nodes[gone.Node.Value] with { Condition = gone.Condition, LastSeen = gone.At };
                break;
            case NodeDraining drain:
                Nodes[drain.Node.Value] = Nodes[drain.Node.Value] with { Draining = drain.Draining, DrainDeadline = drain.Deadline, DrainReason = drain.Reason };
                break;
            case NodeForgotten forgotten:
                Nodes.Remove(forgotten.Node.Value);
                break;
            case JobRevised revised:
                Jobs[revised.Job.Value].Apply(revised);
                break;
            case JobPriorityChanged changed:
                Jobs[changed.Job.Value].Priority = changed.Priority;
                break;
            case LimitSet { Most: null } limit:
                Limits.Remove(limit.Tag);
                break;
            case LimitSet limit:
                Limits[limit.Tag] = limit;
                break;
            case AttemptStarted or NodeReported or NodeStartsJudged or MoveRequested or DependencyMet or StartTimeReached:
                break;
            default:
                throw new InvalidOperationException($"no change '{change}'");
        }
    }

    private void Close(Lease lease)
    {
        Open.Remove(lease);
        Cancels.Remove(lease);
    }
}

/// <summary>A job with every task told apart.</summary>
internal sealed class JobModel(JobSubmitted made)
{
    public JobSubmitted Made { get; } = made;

    public JobSpec Spec { get; private set; } = made.Spec;

    public ReadOnlyMemory<byte> Document { get; private set; } = made.Document;

    public List<(Lease UpTo, JobSpec Spec)> Earlier { get; } = [];

    public bool Held { get; set; } = made.Held;

    public int Priority { get; set; } = made.Spec.Priority;

    public DateTimeOffset? Started { get; set; }

    public JobEnded? End { get; set; }

    public TaskModel[] Tasks { get; } = [.. Enumerable.Range(1, made.Spec.TaskCount).Select(number => new TaskModel(number))];

    public List<StoredAttempt> Attempts { get; } = [];

    public HashSet<LeaseRange> Granted { get; } = [];

    public TaskModel this[int number] => Tasks[number - 1];

    public void Apply(JobRevised revised)
    {
        if (Earlier.Count == 0 || Earlier[^1].UpTo != revised.UpTo)
        {
            Earlier.Add((revised.UpTo, Spec));
        }

        (Spec, Document) = (revised.Spec, revised.Document);
    }

    public void Apply(AttemptEnded ended)
    {
        var attempt = new StoredAttempt(
            ended.Task, ended.Attempt, ended.Lease, ended.Node, ended.Result, ended.Position, ended.Next, ended.Reason, ended.At);
        Attempts.Add(attempt);
        var task = this[ended.Task.Number];
        task.History = ended.History;
        task.NotBefore = ended.NotBefore;
        if (ended.Next.HasEnded())
        {
            task.Ended = ended.Next;
            task.EndedBy = attempt;
        }
    }

    public void Apply(TasksEnded ended)
    {
        foreach (var number in ended.Tasks.Each())
        {
            this[number].Ended = ended.State;
            this[number].EndedWithout = (ended.Reason, ended.At);
        }
    }

    public void Apply(TasksRetried retried)
    {
        foreach (var number in retried.Tasks.Each())
        {
            var task = this[number];
            task.Ended = null;
            task.EndedBy = null;
            task.EndedWithout = null;
            task.NotBefore = null;
            task.History = new TaskHistory(task.History.Attempts, 0, []);
        }
    }
}

internal sealed class TaskModel(int number)
{
    public int Number { get; } = number;

    /// <summary>Null until it has ended.</summary>
    public TaskState? Ended { get; set; }

    public StoredAttempt? EndedBy { get; set; }

    public (string Reason, DateTimeOffset At)? EndedWithout { get; set; }

    public TaskHistory History { get; set; } = TaskHistory.None;

    public DateTimeOffset? NotBefore { get; set; }
}
