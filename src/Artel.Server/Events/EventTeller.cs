using System.Globalization;
using System.Text;
using Artel.Core;

namespace Artel.Server.Events;

/// <summary>
/// What of a batch of changes is an event, in the order in which it happened. Successes of a job in one batch are told together, so that
/// a million small tasks do not make a million events; what went wrong is told one by one.
/// </summary>
internal sealed class EventTeller
{
    private readonly List<(EventKind Kind, long Job, string Tasks, string Node, string Detail)> _told = [];
    private readonly SortedDictionary<JobId, List<int>> _succeeded = [];

    private EventTeller()
    {
    }

    /// <param name="first">Position of the first event.</param>
    /// <param name="at">Now.</param>
    public static IReadOnlyList<ClusterEvent> Tell(IReadOnlyList<Change> batch, long first, DateTimeOffset at)
    {
        var teller = new EventTeller();
        foreach (var change in batch)
        {
            teller.See(change);
        }

        foreach (var job in teller._succeeded.Keys.ToArray())
        {
            teller.TellSucceeded(job);
        }

        return [.. teller._told.Select((e, i) => new ClusterEvent(first + i, at, e.Kind, e.Job, e.Tasks, e.Node, e.Detail))];
    }

    private void See(Change change)
    {
        switch (change)
        {
            case AttemptEnded ended:
                See(ended);
                break;
            case TasksEnded ended:
                var kind = ended.State == TaskState.Skipped ? EventKind.TasksSkipped : ended.State == TaskState.Failed ? EventKind.TasksFailed : EventKind.TasksCancelled;
                Add(kind, ended.Job, ended.Tasks.ToString(), detail: ended.Reason);
                break;
            case TasksRetried retried:
                Add(EventKind.TasksRetried, retried.Job, retried.Tasks.ToString());
                break;
            case JobSubmitted submitted:
                var made = submitted.Spec.TaskCount == 0 ? "" : Range(new TaskRange(1, submitted.Spec.TaskCount));
                Add(EventKind.JobSubmitted, submitted.Job, made, detail: submitted.Spec.Name);
                break;
            case JobStarted started:
                Add(EventKind.JobStarted, started.Job);
                break;
            case JobHeldOrReleased held:
                Add(held.Held ? EventKind.JobHeld : EventKind.JobReleased, held.Job);
                break;
            case JobPriorityChanged changed:
                Add(EventKind.JobPriorityChanged, changed.Job, detail: Number(changed.Priority));
                break;
            case JobRevised revised:
                Add(EventKind.JobRevised, revised.Job, detail: revised.Detail);
                break;
            case JobReopened reopened:
                Add(EventKind.JobReopened, reopened.Job);
                break;
            case JobEnded ended:
                TellSucceeded(ended.Job);
                Add(EventKind.JobEnded, ended.Job, detail: ended.State.ToString().ToLowerInvariant());
                break;
            case NodeConnected connected:
                Add(EventKind.NodeConnected, node: connected.Node.Value, detail: connected.Description.Host);
                break;
            case NodeDisconnected gone:
                var went = gone.Condition switch
                {
                    NodeCondition.Lost => EventKind.NodeLost,
                    NodeCondition.Stopped => EventKind.NodeStopped,
                    _ => EventKind.NodeDisconnected,
                };
                Add(went, node: gone.Node.Value);
                break;
            case NodeDraining draining:
                var drain = draining.Draining ? EventKind.NodeDraining : EventKind.NodeResumed;
                Add(drain, node: draining.Node.Value, detail: draining.Reason);
                break;
            case NodeForgotten forgotten:
                Add(EventKind.NodeForgotten, node: forgotten.Node.Value);
                break;
            case LimitSet limit:
                Add(EventKind.LimitSet, detail: $"{limit.Tag}={(limit.Most is { } most ? Number(most) : "")}");
                break;
            case UserLimitsSet set:
                Add(EventKind.QuotaSet, detail: set.User.Length > 0 ? set.User : "default");
                break;
            default:
                break;
        }
    }

    private void See(AttemptEnded ended)
    {
        switch (ended.Next, ended.Result.Outcome)
        {
            case (TaskState.Succeeded, _):
                if (!_succeeded.TryGetValue(ended.Task.Job, out var tasks))
                {
                    _succeeded[ended.Task.Job] = tasks = [];
                }

                tasks.Add(ended.Task.Number);
                break;
            case (TaskState.Failed, _):
                Tell(EventKind.TasksFailed, ended.Reason);
                break;
            case (TaskState.Cancelled, _):
                Tell(EventKind.TasksCancelled, ended.Reason);
                break;
            case (_, AttemptOutcome.Lost):
                Tell(EventKind.AttemptLost, ended.Result.Message);
                break;
            case (_, AttemptOutcome.Moved):
                Tell(EventKind.AttemptMoved, ended.Result.Message);
                break;
            case (_, AttemptOutcome.Cancelled):
                // Its node ended it for reasons of its own: it starts again.
                break;
            default:
                Tell(EventKind.AttemptFailed, ended.Result.Describe());
                break;
        }

        void Tell(EventKind kind, string detail) => Add(kind, ended.Task.Job, Number(ended.Task.Number), ended.Node.Value, detail);
    }

    private void TellSucceeded(JobId job)
    {
        if (_succeeded.Remove(job, out var tasks))
        {
            Add(EventKind.TasksSucceeded, job, RangesOf(tasks));
        }
    }

    private void Add(EventKind kind, JobId job = default, string tasks = "", string node = "", string detail = "") =>
        _told.Add((kind, job.Value, tasks, node, detail));

    private static string RangesOf(List<int> tasks)
    {
        tasks.Sort();
        var text = new StringBuilder();
        for (var i = 0; i < tasks.Count;)
        {
            var end = i;
            while (end + 1 < tasks.Count && tasks[end + 1] == tasks[end] + 1)
            {
                end++;
            }

            text.Append(text.Length > 0 ? "," : "").Append(Range(new TaskRange(tasks[i], tasks[end])));
            i = end + 1;
        }

        return text.ToString();
    }

    private static string Range(TaskRange tasks) =>
        tasks.Count == 1 ? Number(tasks.First) : string.Create(CultureInfo.InvariantCulture, $"{tasks.First}-{tasks.Last}");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
