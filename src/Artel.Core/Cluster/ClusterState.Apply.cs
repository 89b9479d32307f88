using System.Diagnostics;

namespace Artel.Core;

/// <summary>What each change does to the state. Nothing here decides anything.</summary>
public sealed partial class ClusterState
{
    private void Apply(Change change)
    {
        switch (change)
        {
            case JobSubmitted submitted:
                Apply(submitted);
                break;
            case DependencyMet met:
                Apply(met);
                break;
            case StartTimeReached reached:
                _jobs[reached.Job].WaitsUntil = null;
                ReleaseUnlessPending(_jobs[reached.Job]);
                break;
            case JobPriorityChanged changed:
                Apply(changed);
                break;
            case LimitSet limit:
                Apply(limit);
                break;
            case JobStarted started:
                _jobs[started.Job].Started = started.At;
                break;
            case JobHeldOrReleased held:
                Apply(held);
                break;
            case JobEnded ended:
                Drop(_jobs[ended.Job]);
                break;
            case LeasesGranted granted:
                Apply(granted);
                break;
            case AttemptStarted started:
                Apply(started);
                break;
            case AttemptEnded ended:
                Apply(ended);
                break;
            case LeaseReturned returned:
                Apply(returned);
                break;
            case MoveRequested move:
                _nodes[move.Node].Attempts[move.Lease].MoveRequested = true;
                break;
            case CancelRequested cancel:
                _nodes[cancel.Node].Attempts[cancel.Lease].CancelReason = cancel.Reason;
                break;
            case TasksEnded ended:
                Apply(ended);
                break;
            case TasksRetried retried:
                Apply(retried);
                break;
            case NodeConnected connected:
                Apply(connected);
                break;
            case NodeDisconnected disconnected:
                var gone = _nodes[disconnected.Node];
                gone.Condition = disconnected.Condition;
                gone.Since = disconnected.At;
                SetAway(gone);
                _scheduler.Reconsider();
                break;
            case NodeDraining draining:
                Apply(draining);
                break;
            case NodeReported reported:
                _nodes[reported.Node].Problem = reported.Problem;
                _scheduler.Touch(reported.Node);
                _scheduler.Reconsider();
                break;
            case NodeForgotten forgotten:
                _nodes.Remove(forgotten.Node);
                _away.Remove(forgotten.Node);
                _drainedBy.Remove(forgotten.Node);
                _scheduler.Reconsider();
                break;
            default:
                throw new UnreachableException($"no rule for {change.GetType().Name}");
        }
    }

    private void Apply(JobSubmitted submitted)
    {
        var job = new Job(
            submitted.Job, submitted.Spec, submitted.Document, submitted.Held, submitted.At, submitted.Awaits,
            submitted.Spec.StartAt > submitted.At ? submitted.Spec.StartAt : null);
        _lastJob = submitted.Job.Value;
        Introduce(job);
        Add(job);
    }

    private void Apply(JobHeldOrReleased held)
    {
        var job = _jobs[held.Job];
        job.Held = held.Held;
        foreach (var template in job.Templates)
        {
            _scheduler.Requeue(template);
        }

        Reconsider(job);
    }

    private void Apply(JobPriorityChanged changed)
    {
        var job = _jobs[changed.Job];
        _scheduler.Remove(job);
        job.Priority = changed.Priority;
        _scheduler.Add(job);
        Reconsider(job);
    }

    private void Apply(LeasesGranted granted)
    {
        var template = _jobs[granted.Job].Templates[granted.Template];
        var node = _nodes[granted.Node];
        var grant = new Grant(granted.Leases, granted.Leases.Count, granted.At);
        _lastSequence = granted.Leases.FirstSequence + granted.Leases.Count - 1;
        template.Withdraw(new TaskRange(granted.FirstPosition, granted.FirstPosition + granted.Leases.Count - 1));
        template.Move(TaskState.Ready, TaskState.Leased, granted.Leases.Count);
        for (var i = 0; i < granted.Leases.Count; i++)
        {
            Open(new Attempt(granted.Leases[i], grant, template, granted.FirstPosition + i, granted.Attempt, node));
        }

        _scheduler.Requeue(template);
    }

    private void Apply(AttemptStarted started)
    {
        var attempt = _nodes[started.Node].Attempts[started.Lease];
        attempt.State = TaskState.Running;
        attempt.Started = started.At;
        attempt.Node.Running++;
        attempt.Template.Move(TaskState.Leased, TaskState.Running);
        ShareOf(attempt).Running++;
    }

    private void Apply(AttemptEnded ended)
    {
        var attempt = _nodes[ended.Node].Attempts[ended.Lease];
        var (template, offset, job) = (attempt.Template, attempt.Offset, attempt.Template.Job);
        _lastPosition = ended.Position;
        Close(attempt);
        attempt.Node.IsStuck = false;

        var share = ShareOf(attempt);
        share.Succeeded += ended.Next == TaskState.Succeeded ? 1 : 0;
        share.FailedAttempts += ended.Next == TaskState.Succeeded || ended.Result.Outcome == AttemptOutcome.Moved ? 0 : 1;
        if (ended.Result.Outcome is AttemptOutcome.Succeeded or AttemptOutcome.Failed)
        {
            template.LearnTime(ended.Result.Usage.Wall);
        }

        if (ended.Next == TaskState.Succeeded)
        {
            job.Histories.Remove(ended.Task.Number);
        }
        else
        {
            job.Histories[ended.Task.Number] = ended.History;
        }

        if (ended.Next.HasEnded())
        {
            template.Move(attempt.State, ended.Next);
            template.Ended(ended.Next).Add(offset);
            FollowEnd(template, new TaskRange(offset, offset), ended.Next);
        }
        else if (ended.NotBefore is { } notBefore)
        {
            BackOff(template, offset, attempt.State, notBefore);
        }
        else
        {
            MakeOpen(template, offset, attempt.State);
        }
    }

    private void Apply(LeaseReturned returned)
    {
        var attempt = _nodes[returned.Node].Attempts[returned.Lease];
        Close(attempt);
        MakeOpen(attempt.Template, attempt.Offset, attempt.State);
    }

    private void Apply(TasksEnded ended)
    {
        var job = _jobs[ended.Job];
        var template = job.TemplateOf(ended.Tasks.First);
        var offsets = new TaskRange(ended.Tasks.First - template.Spec.FirstTask, ended.Tasks.Last - template.Spec.FirstTask);
        foreach (var waiting in job.BackingOff.Within(ended.Tasks))
        {
            LeavePlace(template, template.HistoryOf(waiting - template.Spec.FirstTask));
        }

        var notReady = template.IsWaiting ? offsets.Count : template.BlockedWithin(offsets).Sum(r => r.Count);
        template.Withdraw(offsets);
        template.Ended(ended.State).Add(offsets);
        template.Move(TaskState.Waiting, ended.State, notReady);
        template.Move(TaskState.Ready, ended.State, offsets.Count - notReady);
        _scheduler.Requeue(template);
        if (template.Section is { } section)
        {
            _scheduler.Touch(section.Spec.Node);
        }

        FollowEnd(template, offsets, ended.State);
    }

    private void Apply(TasksRetried retried)
    {
        var job = _jobs[retried.Job];
        var template = job.TemplateOf(retried.Tasks.First);
        var offsets = new TaskRange(retried.Tasks.First - template.Spec.FirstTask, retried.Tasks.Last - template.Spec.FirstTask);
        var endedBefore = template.AllEnded;
        template.Ended(retried.From).Remove(offsets);
        FollowReopening(template, offsets, endedBefore);
        OpenFresh(template, offsets, retried.From);
        foreach (var task in job.Histories.Within(retried.Tasks))
        {
            job.Histories[task] = job.Histories[task] with { Failures = 0, Losses = [], FailedOn = [] };
            Move(template, task - template.Spec.FirstTask);
        }

        _scheduler.Requeue(template);
    }

    private void Apply(NodeConnected connected)
    {
        if (!_nodes.TryGetValue(connected.Node, out var node))
        {
            _nodes[connected.Node] = node = new NodeRecord(connected.Node, connected.Incarnation, connected.Description);
        }

        node.Incarnation = connected.Incarnation;
        node.Description = connected.Description;
        node.Condition = NodeCondition.Connected;
        node.Problem = "";
        node.Since = connected.At;
        SetAway(node);
        _scheduler.Touch(node.Id);
        _scheduler.Reconsider();
    }

    private void Apply(NodeDraining draining)
    {
        var node = _nodes[draining.Node];
        node.Draining = draining.Draining;
        node.DrainDeadline = draining.Deadline;
        SetDeadline(node);
        _scheduler.Touch(node.Id);
        _scheduler.Reconsider();
    }

    private void SetAway(NodeRecord node)
    {
        if (node.Condition == NodeCondition.Disconnected)
        {
            _away.Add(node.Id);
        }
        else
        {
            _away.Remove(node.Id);
        }
    }

    private void SetDeadline(NodeRecord node)
    {
        if (node.DrainDeadline is not null)
        {
            _drainedBy.Add(node.Id);
        }
        else
        {
            _drainedBy.Remove(node.Id);
        }
    }

    /// <summary>What the job shares with others. Before anything of it is put into the hands of a node.</summary>
    private void Introduce(Job job)
    {
        if (!_users.TryGetValue(job.Spec.User, out var user))
        {
            _users[job.Spec.User] = user = new UserLoad();
        }

        job.User = user;
        foreach (var template in job.Templates)
        {
            template.Limits = _limits.Of(template.Spec.Tags);
        }
    }

    private void Add(Job job)
    {
        _jobs.Add(job.Id, job);
        _scheduler.Add(job);
        Await(job);
    }

    private void Drop(Job job)
    {
        _jobs.Remove(job.Id);
        _scheduler.Remove(job);
        AwaitNoMore(job);
    }

    /// <summary>Puts an attempt into the hands of its node.</summary>
    private static void Open(Attempt attempt)
    {
        var (template, node) = (attempt.Template, attempt.Node);
        WorkAhead.Weigh(attempt);
        node.PendingTime += attempt.PendingTime;
        node.LongShare += attempt.LongShare;
        node.Load.Add(template.Spec.Needs, 1);
        node.Attempts.Add(attempt.Lease, attempt);
        template.Job.InFlight[attempt.Task.Number] = attempt;
        template.InFlightCount++;
        template.Job.User.Millionths += attempt.Share;
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
        node.Load.Add(template.Spec.Needs, -1);
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
