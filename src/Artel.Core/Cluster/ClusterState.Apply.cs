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
            case JobRevised revised:
                Apply(revised);
                break;
            case JobPriorityChanged changed:
                Apply(changed);
                break;
            case LimitSet limit:
                Apply(limit);
                break;
            case UserLimitsSet limits:
                Apply(limits);
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
                _scheduler.Changed(gone.Id);
                break;
            case NodeDraining draining:
                Apply(draining);
                break;
            case NodeReported reported:
                _nodes[reported.Node].Problem = reported.Problem;
                _nodes[reported.Node].Unended = reported.Unended;
                _scheduler.Changed(reported.Node);
                break;
            case NodeStartsJudged judged:
                Apply(judged);
                break;
            case NodeForgotten forgotten:
                _nodes.Remove(forgotten.Node);
                _away.Remove(forgotten.Node);
                _resting.RemoveWhere(r => r.Node == forgotten.Node);
                _drainedBy.Remove(forgotten.Node);
                _scheduler.Changed(forgotten.Node);
                break;
            default:
                throw new UnreachableException($"no rule for {change.GetType().Name}");
        }
    }

    private void Apply(JobSubmitted submitted)
    {
        var job = ReferenceEquals(_prepared?.Spec, submitted.Spec) ? _prepared.Take() : new Job(submitted.Spec);
        job.Begin(
            submitted.Job, submitted.Document, submitted.Held, submitted.At, submitted.Awaits,
            submitted.Spec.StartAt > submitted.At ? submitted.Spec.StartAt : null);
        _lastJob = submitted.Job.Value;
        Introduce(job);
        job.User.StoredBytes += submitted.Document.Length;
        Add(job);
    }

    private void Apply(JobHeldOrReleased held)
    {
        var job = _jobs[held.Job];
        _scheduler.Dequeue(job);
        job.Held = held.Held;
        _scheduler.Requeue(job);
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
        attempt.Template.LearnStart(true);
        ShareOf(attempt).Running++;
        if (attempt.Node.Starts.Count > 0)
        {
            // It gets the tasks of some users only when nothing else waits there to be started.
            _scheduler.Touch(attempt.Node.Id);
        }
    }

    private void Apply(AttemptEnded ended)
    {
        var attempt = _nodes[ended.Node].Attempts[ended.Lease];
        var (template, offset, job) = (attempt.Template, attempt.Offset, attempt.Template.Job);
        _lastPosition = ended.Position;
        Close(attempt);
        attempt.Node.IsStuck = false;
        attempt.Node.TasksSucceeded += ended.Next == TaskState.Succeeded ? 1 : 0;
        attempt.Node.TasksFailed += ended.Next == TaskState.Failed ? 1 : 0;
        CountEnds(ended.Next, 1);
        job.User.StoredBytes += ended.Result.Stdout.Length + ended.Result.Stderr.Length;

        var share = ShareOf(attempt);
        share.Succeeded += ended.Next == TaskState.Succeeded ? 1 : 0;
        share.FailedAttempts += ended.Result.Outcome.IsFailure() ? 1 : 0;
        if (ended.Result.Outcome is AttemptOutcome.Succeeded or AttemptOutcome.Failed)
        {
            template.LearnTime(ended.Result.Usage.Wall);
            template.LearnStart(true);
        }
        else if (ended.Result.Outcome == AttemptOutcome.NotStarted && ended.History.NotStartedOn.IsEmpty)
        {
            template.LearnStart(false);
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
            ReadOnlySpan<TaskRange> one = [new TaskRange(offset, offset)];
            NoteEnded(template, one);
            FollowEnd(template, one, ended.Next);
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
        foreach (var (template, parts) in PartsByTemplate(_jobs[ended.Job], ended.Tasks))
        {
            End(template, parts, ended.State);
        }
    }

    private void End(Template template, ReadOnlySpan<TaskRange> parts, TaskState state)
    {
        var (notReady, count) = (0, 0);
        foreach (var offsets in parts)
        {
            foreach (var waiting in template.Job.BackingOff.Within(template.NumbersAt(offsets)))
            {
                LeavePlace(template, template.HistoryOf(waiting - template.Spec.FirstTask));
            }

            count += offsets.Count;
            notReady += template.IsWaiting ? offsets.Count : template.BlockedWithin(offsets).Sum(r => r.Count);
            template.Withdraw(offsets);
            template.Ended(state).Add(offsets);
        }

        CountEnds(state, count);
        template.Move(TaskState.Waiting, state, notReady);
        template.Move(TaskState.Ready, state, count - notReady);
        _scheduler.Requeue(template);
        if (template.Section is { } section)
        {
            _scheduler.Touch(section.Spec.Node);
        }

        NoteEnded(template, parts);
        FollowEnd(template, parts, state);
    }

    private void Apply(TasksRetried retried)
    {
        foreach (var (template, parts) in PartsByTemplate(_jobs[retried.Job], retried.Tasks))
        {
            OpenAgain(template, parts, retried.From);
        }
    }

    private void OpenAgain(Template template, ReadOnlySpan<TaskRange> parts, TaskState from)
    {
        var job = template.Job;
        var endedBefore = template.AllEnded;
        foreach (var offsets in parts)
        {
            template.Ended(from).Remove(offsets);
        }

        FollowReopening(template, parts, endedBefore);
        foreach (var offsets in parts)
        {
            OpenFresh(template, offsets, from);
            foreach (var task in job.Histories.Within(template.NumbersAt(offsets)))
            {
                var history = job.Histories[task];
                job.Histories[task] = history with { Failures = 0, Losses = [], FailedOn = [], NotStartedOn = [] };
                Move(template, task - template.Spec.FirstTask);
            }
        }

        _scheduler.Requeue(template);
    }

    /// <summary>The templates that tasks belong to, in order, each once with all of its offsets.</summary>
    private static IEnumerable<(Template Template, TaskRange[] Parts)> PartsByTemplate(Job job, TaskSet tasks)
    {
        Template? template = null;
        var parts = new List<TaskRange>();
        foreach (var (next, offsets) in job.Parts(tasks.Ranges))
        {
            if (template is not null && next != template)
            {
                yield return (template, [.. parts]);
                parts.Clear();
            }

            template = next;
            parts.Add(offsets);
        }

        if (template is not null)
        {
            yield return (template, [.. parts]);
        }
    }

    private void Apply(NodeConnected connected)
    {
        if (!_nodes.TryGetValue(connected.Node, out var node))
        {
            _nodes[connected.Node] = node = new NodeRecord(connected.Node, connected.Incarnation, connected.Description);
        }

        if (node.Incarnation != connected.Incarnation)
        {
            // It may have been started anew because of that.
            node.Starts.Clear();
            _resting.RemoveWhere(r => r.Node == node.Id);
        }

        node.Incarnation = connected.Incarnation;
        node.Description = connected.Description;
        node.Condition = NodeCondition.Connected;
        node.Problem = "";
        node.Unended = [];
        node.Since = connected.At;
        SetAway(node);
        _scheduler.Changed(node.Id);
    }

    private void Apply(NodeDraining draining)
    {
        var node = _nodes[draining.Node];
        node.Draining = draining.Draining;
        node.DrainDeadline = draining.Deadline;
        node.DrainReason = draining.Reason;
        SetDeadline(node);
        _scheduler.Changed(node.Id);
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
        job.User = UserOf(job.Spec.User);
        job.Kind = _kinds.Of(job.Spec);
        SetLimits(job);
    }

    private void Add(Job job)
    {
        _jobs.Add(job.Id, job);
        job.CountIn(_taskTotals);
        _scheduler.Add(job);
        Await(job);
    }

    private void Drop(Job job)
    {
        _jobs.Remove(job.Id);
        job.CountOut();
        _scheduler.Remove(job);
        AwaitNoMore(job);
    }
}
