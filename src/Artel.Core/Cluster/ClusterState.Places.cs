namespace Artel.Core;

/// <summary>Where a task that has not ended lies: in the hands of a node, waiting for a retry, or in the set from which its next attempt is taken.</summary>
public sealed partial class ClusterState
{
    /// <summary>Puts an attempt into the hands of its node.</summary>
    private static void Open(Attempt attempt)
    {
        var (template, node) = (attempt.Template, attempt.Node);
        WorkAhead.Weigh(attempt);
        node.PendingTime += attempt.PendingTime;
        node.LongShare += attempt.LongShare;
        node.Load.Add(attempt.Spec.Needs, 1);
        node.Attempts.Add(attempt.Lease, attempt);
        template.Job.InFlight[attempt.Task.Number] = attempt;
        template.InFlightCount++;
        template.Job.User.Millionths += attempt.Share;
        template.Job.User.InFlight++;
        if (attempt.Lease > template.Job.User.Newest)
        {
            template.Job.User.Newest = attempt.Lease;
        }

        foreach (var limit in template.Limits)
        {
            limit.Used++;
        }

        TakePlace(template, template.HistoryOf(attempt.Offset));
    }

    private void Close(Attempt attempt)
    {
        var (template, node) = (attempt.Template, attempt.Node);
        node.PendingTime -= attempt.PendingTime;
        node.LongShare -= attempt.LongShare;
        node.Load.Add(attempt.Spec.Needs, -1);
        node.Attempts.Remove(attempt.Lease);
        template.Job.InFlight.Remove(attempt.Task.Number);
        template.InFlightCount--;
        attempt.Grant.Open--;
        if (attempt.State == TaskState.Running)
        {
            node.Running--;
            ShareOf(attempt).Running--;
        }

        template.Job.User.Millionths -= attempt.Share;
        template.Job.User.InFlight--;
        LeavePlace(template, template.HistoryOf(attempt.Offset));
        CountDown(template);
        _scheduler.Touch(node.Id);
    }

    private static NodeShare ShareOf(Attempt attempt) => attempt.Grant.Share ??= attempt.Template.Job.ShareOf(attempt.Node.Id);

    /// <summary>A task is to wait before its next attempt.</summary>
    /// <param name="from">The state it is counted in.</param>
    private void BackOff(Template template, int offset, TaskState from, DateTimeOffset notBefore)
    {
        template.Job.BackingOff[template.NumberAt(offset)] = notBefore;
        TakePlace(template, template.HistoryOf(offset));
        _backoffs.Enqueue((template, offset), notBefore);
        template.Move(from, template.StateOf(offset));
    }

    /// <summary>Puts a task that is in no set where its next attempt is taken from.</summary>
    /// <param name="from">The state it is counted in.</param>
    private void MakeOpen(Template template, int offset, TaskState from)
    {
        var history = template.HistoryOf(offset);
        if (!template.UnmetWithin(new TaskRange(offset, offset)).IsEmpty)
        {
            template.Blocked.Add(offset);
        }
        else if (template.Section is null && template.Spec.OnNodeLost == OnNodeLost.Wait && history.Losses.Length > 0)
        {
            template.Job.Bound[template.NumberAt(offset)] = history.Losses[^1];
            _scheduler.Bind(template.TaskAt(offset), history.Losses[^1]);
        }
        else if (template.AvoidedBy(offset) is { IsEmpty: false } failedOn)
        {
            var avoided = failedOn.Sort();
            template.Job.Avoiding[template.NumberAt(offset)] = avoided;
            _scheduler.Avoid(template, offset, avoided);
        }
        else if (HasStrayed(template, history))
        {
            template.Stray.Add(offset);
        }
        else if (history.Attempts == 0)
        {
            template.Fresh.Add(offset);
        }
        else
        {
            template.Again.Add(offset);
        }

        template.Move(from, template.StateOf(offset));
        _scheduler.Requeue(template);
    }

    /// <summary>Puts a task that waits in one of the sets into the one where it belongs by now.</summary>
    private void Move(Template template, int offset)
    {
        var from = template.StateOf(offset);
        template.Withdraw(new TaskRange(offset, offset));
        MakeOpen(template, offset, from);
    }

    /// <summary>Tasks of a job that wait for a node, or avoid some, may be placed again.</summary>
    private void Reconsider(Job job)
    {
        foreach (var (task, node) in job.Bound.Values)
        {
            _scheduler.Bind(new TaskId(job.Id, task), node);
        }

        foreach (var (task, avoided) in job.Avoiding.Values)
        {
            var template = job.TemplateOf(task);
            _scheduler.Avoid(template, task - template.Spec.FirstTask, avoided);
        }
    }

    /// <summary>A task of a list whose node was lost, and that any node may take now: it holds no place of the list any more.</summary>
    private static bool HasStrayed(Template template, TaskHistory history) =>
        template.Section is not null && template.Spec.OnNodeLost == OnNodeLost.Requeue && history.Losses.Length > 0;

    private static void TakePlace(Template template, TaskHistory history)
    {
        if (template.Section is { } section && !HasStrayed(template, history))
        {
            section.Active++;
        }
    }

    private static void LeavePlace(Template template, TaskHistory history)
    {
        if (template.Section is { } section && !HasStrayed(template, history))
        {
            section.Active--;
        }
    }
}
