using System.Collections.Immutable;
using System.Globalization;

namespace Artel.Core;

public sealed partial class ClusterState
{
    /// <summary>A node has started the process of a lease. False if the lease is stale.</summary>
    /// <param name="started">By the node's clock.</param>
    public bool Start(NodeId id, Incarnation incarnation, Lease lease, DateTimeOffset started, DateTimeOffset now)
    {
        if (Find(id, incarnation) is not { } node || !node.Attempts.TryGetValue(lease, out var attempt))
        {
            return false;
        }

        if (attempt.State == TaskState.Leased)
        {
            Emit(new AttemptStarted(lease, attempt.Task, id, started));
            Started(attempt, attempt.Number == 1 ? TaskHistory.None : attempt.Template.HistoryOf(attempt.Offset), now);
        }

        return true;
    }

    /// <summary>Which attempt a lease in the hands of a node stands for, or null where the lease is stale.</summary>
    public (TaskId Task, int Attempt)? Lookup(NodeId id, Incarnation incarnation, Lease lease) =>
        Find(id, incarnation) is { } node && node.Attempts.TryGetValue(lease, out var attempt) ? (attempt.Task, attempt.Number) : null;

    /// <summary>A node reports the end of an attempt. False where the lease is stale: then nothing has changed.</summary>
    public bool End(NodeId id, Incarnation incarnation, Lease lease, AttemptResult result, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (Find(id, incarnation) is not { } node || !node.Attempts.TryGetValue(lease, out var attempt))
        {
            return false;
        }

        End(attempt, result, now);
        return true;
    }

    /// <summary>A node gives leases back that it has not started.</summary>
    public void GiveBack(NodeId id, Incarnation incarnation, LeaseSet leases, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(leases);
        if (Find(id, incarnation) is not { } node)
        {
            return;
        }

        // No further than what the node holds: the ranges come from outside and may be of any length.
        var given = leases.Count <= node.Attempts.Count
            ? leases.Each().Select(lease => node.Attempts.GetValueOrDefault(lease)).OfType<Attempt>()
            : node.Attempts.Values.Where(a => leases.Contains(a.Lease));
        foreach (var attempt in InOrder(given))
        {
            GiveBack(attempt, revoked: false, now);
        }
    }

    private void GiveBack(Attempt attempt, bool revoked, DateTimeOffset now)
    {
        var template = attempt.Template;
        var offsets = new TaskRange(attempt.Offset, attempt.Offset);
        var reason = attempt.CancelReason;
        Emit(Return(attempt, revoked));
        if (reason is not null && EndOpen(template, offsets, TaskState.Cancelled, reason, now) > 0)
        {
            SkipDependents(template, offsets, now);
            Follow(template.Job, now);
        }
    }

    private static LeaseReturned Return(Attempt attempt, bool revoked) =>
        new(attempt.Lease, attempt.Grant.Leases, attempt.Grant.Open == 1, attempt.Task, attempt.Node.Id, revoked);

    /// <summary>A task avoids no more nodes than this, those it failed on last: so its history is bounded however often it is tried.</summary>
    private const int MaxAvoided = 16;

    private static readonly TaskHistory FirstAttempt = TaskHistory.None with { Attempts = 1 };

    private void End(Attempt attempt, AttemptResult result, DateTimeOffset now)
    {
        var template = attempt.Template;
        if (attempt.MoveRequested && result.Outcome == AttemptOutcome.Cancelled)
        {
            result = result with { Outcome = AttemptOutcome.Moved, Message = "node drained" };
        }

        var (before, wasTold) = (template.HistoryOf(attempt.Offset), attempt.State == TaskState.Running);
        var after = attempt.Number == 1 ? FirstAttempt : before with { Attempts = attempt.Number };
        var (next, notBefore, history, reason) = Judge(attempt, after, result, now);
        Emit(new AttemptEnded(
            attempt.Lease, attempt.Grant.Leases, attempt.Grant.Open == 1, attempt.Task, attempt.Number, attempt.Node.Id, result,
            _lastPosition + 1, next, notBefore, history, reason, now)
        {
            Held = AttemptHolding.Of(attempt, result, MayHaveStarted(attempt), now),
        });
        JudgeStart(attempt, before, history, result, wasTold, now);
        if (next is TaskState.Failed or TaskState.Cancelled)
        {
            SkipDependents(template, new TaskRange(attempt.Offset, attempt.Offset), now);
        }

        if (next == TaskState.Failed && template.Job[TaskState.Failed] > template.Job.Spec.MaxFails)
        {
            var most = template.Job.Spec.MaxFails;
            var why = string.Create(
                CultureInfo.InvariantCulture, $"more than {most} of its job's tasks failed (max_fails)");
            GiveUp(template.Job, why, now);
        }

        Follow(template.Job, now);
    }

    /// <summary>
    /// Cancels all tasks of a job that have not ended, in this turn: none of them may start afterwards, and a server
    /// that starts again could not find out that some were left to cancel.
    /// </summary>
    private void GiveUp(Job job, string reason, DateTimeOffset now)
    {
        for (var slice = CancelSlice(job, default, null, [], reason, now); slice.Rest is { } rest;)
        {
            slice = CancelSlice(job, default, rest, [], reason, now);
        }
    }

    /// <summary>What becomes of a task after an attempt.</summary>
    private (TaskState Next, DateTimeOffset? NotBefore, TaskHistory History, string Reason) Judge(
        Attempt attempt, TaskHistory history, AttemptResult result, DateTimeOffset now)
    {
        var spec = attempt.Template.Spec;
        switch (result.Outcome)
        {
            case AttemptOutcome.Succeeded:
                return (TaskState.Succeeded, null, history, "");

            case var _ when attempt.CancelReason is { } why:
                return (TaskState.Cancelled, null, history, why);

            case AttemptOutcome.Cancelled or AttemptOutcome.Moved:
                // The node ended it for reasons of its own, such as its stop, or was freed of it: not the task's fault.
                return (TaskState.Ready, null, history, "");

            case AttemptOutcome.Lost when !CountsAsLoss(attempt, history, result):
                return (TaskState.Ready, null, history, "");

            case AttemptOutcome.Lost:
                history = history with { Losses = history.Losses.Add(attempt.Node.Id) };
                if (history.Losses.Length >= _rules.MaxLosses)
                {
                    var what = result.Started is null ? "its node was lost" : "its result was lost on its node";
                    var times = history.Losses.Length == 1 ? "" : $" {history.Losses.Length} times";
                    return (TaskState.Failed, null, history, $"{what}{times}: {string.Join(", ", history.Losses)}");
                }

                return spec.OnNodeLost == OnNodeLost.Fail
                    ? (TaskState.Failed, null, history, $"lost with node {attempt.Node.Id}: {result.Message}")
                    : (TaskState.Ready, null, history, "");

            case AttemptOutcome.NotStarted when StartsElsewhere(attempt, history, result):
                return (TaskState.Ready, null, history with { NotStartedOn = WithLast(history.NotStartedOn, attempt.Node.Id) }, "");

            default:
                history = history with
                {
                    Failures = history.Failures + 1,
                    FailedOn = FailedOn(attempt, history),
                    NotStartedOn = result.Outcome == AttemptOutcome.NotStarted ? [] : history.NotStartedOn,
                };
                var attempts = history.Attempts == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" (attempt {history.Attempts})");
                if (history.Failures > spec.Retry.Retries)
                {
                    return (TaskState.Failed, null, history, result.Describe() + attempts);
                }

                if (spec.Retry.Refusal(result) is { } refusal)
                {
                    var what = result.Describe();
                    var why = refusal.StartsWith(what, StringComparison.Ordinal) ? refusal : $"{what}: {refusal}";
                    return (TaskState.Failed, null, history, why + attempts);
                }

                return (TaskState.Ready, now + spec.Retry.WaitAfter(history.Failures, attempt.Task, attempt.Number), history, "");
        }
    }

    /// <summary>
    /// True if a lost attempt counts as a loss of its task. An attempt whose start was not reported does not, if any
    /// node may run the task again. With another policy (wait, fail) it counts, since its process may have run. A
    /// result that its node has lost says when the attempt started.
    /// </summary>
    private bool CountsAsLoss(Attempt attempt, TaskHistory history, AttemptResult result) =>
        result.Started is not null || MayHaveStarted(attempt) || attempt.Template.Spec.OnNodeLost != OnNodeLost.Requeue
        || (attempt.Template.Section is not null && !HasStrayed(attempt.Template, history));

    private static ImmutableArray<NodeId> FailedOn(Attempt attempt, TaskHistory history) =>
        !attempt.Template.Spec.Retry.AvoidSameNode || attempt.Template.Section is not null ? history.FailedOn
        : WithLast(history.FailedOn, attempt.Node.Id);

    private static ImmutableArray<NodeId> WithLast(ImmutableArray<NodeId> nodes, NodeId last) => [.. nodes.Remove(last).TakeLast(MaxAvoided - 1), last];
}
