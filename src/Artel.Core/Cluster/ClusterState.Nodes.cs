using System.Globalization;

namespace Artel.Core;

/// <summary>What came of a node's wish to connect.</summary>
/// <param name="Refused">Leases the node presented that do not hold any more.</param>
/// <param name="Refusal">Why it is not connected; then nothing has changed. Null: it is.</param>
/// <param name="MayTryAgain">Of a refusal: whether it is over some time.</param>
public sealed record ConnectResult(IReadOnlyList<LeaseRange> Refused, bool Draining, string? Refusal = null, bool MayTryAgain = false);

public sealed partial class ClusterState
{
    /// <summary>A node has said hello. Its leases that still hold stay with it; those it does not know of any more go back.</summary>
    /// <param name="presented">Leases that it has queued or runs, or whose result it keeps.</param>
    public ConnectResult Connect(NodeId id, Incarnation incarnation, NodeDescription description, LeaseSet presented, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(presented);
        var restarted = _nodes.TryGetValue(id, out var known) && known.Incarnation != incarnation;
        if (restarted && RefusalOfAnother(known!, now) is { } refusal)
        {
            return refusal;
        }

        Emit(new NodeConnected(id, incarnation, description, now));
        var node = _nodes[id];

        // Judged before anything is given back: what is presented and held now is good.
        var refused = presented.Without(node.Attempts.Keys);
        foreach (var attempt in InOrder(node.Attempts.Values))
        {
            if (presented.Contains(attempt.Lease))
            {
                // It may not have heard of it.
                if (attempt.CancelReason is { } reason)
                {
                    Emit(new CancelRequested(attempt.Lease, attempt.Task, id, reason));
                }
                else if (attempt.MoveRequested)
                {
                    Emit(new MoveRequested(attempt.Lease, attempt.Task, id));
                }
            }
            else if (restarted && MayHaveStarted(attempt))
            {
                End(attempt, ForgottenResult(attempt, description.Kind), now);
            }
            else
            {
                // Revoked: the grant may still be on its way, and must not be started when it arrives.
                GiveBack(attempt, revoked: true, now);
            }
        }

        return new ConnectResult(refused, node.Draining);
    }

    /// <summary>Why the node can not be another incarnation now, or null where it can.</summary>
    private ConnectResult? RefusalOfAnother(NodeRecord node, DateTimeOffset now)
    {
        if (node.Condition == NodeCondition.Connected)
        {
            var where = $"{node.Description.Host} ({node.Description.Address})";
            return new ConnectResult([], node.Draining, $"node {node.Id} is connected already from {where}: stop that one first, or choose another id");
        }

        // That it was restarted does not prove that nothing of it is left: the earlier one may be on another machine, or cut off.
        return ExclusiveOn(node) is { } attempt
            ? new ConnectResult([], node.Draining, $"an earlier start of node {node.Id} may still run task {attempt.Task}, which is exclusive: "
                + string.Create(CultureInfo.InvariantCulture, $"wait {Math.Max(0, (node.Since + _rules.LostAfter - now).TotalSeconds):0.#} s"), MayTryAgain: true)
            : null;
    }

    /// <summary>An attempt in the hands of the node of which there must not be another.</summary>
    private static Attempt? ExclusiveOn(NodeRecord node) => node.Attempts.Values.Where(a => a.Template.Spec.Exclusive).MinBy(a => a.Lease.Sequence);

    /// <summary>The link of a node is down. Its attempts still count, until it stays away too long.</summary>
    /// <param name="lastHeard">Its last sign of life: from then on it counts as away.</param>
    public void Disconnect(NodeId id, Incarnation incarnation, DateTimeOffset lastHeard)
    {
        if (Find(id, incarnation) is { Condition: NodeCondition.Connected })
        {
            Emit(new NodeDisconnected(id, NodeCondition.Disconnected, lastHeard));
        }
    }

    /// <summary>A node has said goodbye: what it still holds is given up at once.</summary>
    public void Stop(NodeId id, Incarnation incarnation, DateTimeOffset now)
    {
        if (Find(id, incarnation) is { } node)
        {
            Lose(node, NodeCondition.Stopped, now);
        }
    }

    /// <summary>A node is gone and will not come back to what it held: that is lost at once.</summary>
    public void Lose(NodeId id, Incarnation incarnation, DateTimeOffset now)
    {
        if (Find(id, incarnation) is { Condition: NodeCondition.Connected } node)
        {
            Lose(node, NodeCondition.Lost, now);
        }
    }

    /// <summary>Whether an unfinished job assigns tasks to the node.</summary>
    public bool HasListOf(NodeId id) => _scheduler.HasListOf(id);

    /// <summary>Sets whether a node gets new work. False where there is no such node.</summary>
    /// <param name="deadline">Of a draining node: what still runs there then goes to other nodes. Null: it may take its time. Replaces what was said before.</param>
    public bool Drain(NodeId id, bool draining, DateTimeOffset? deadline = null, string reason = "")
    {
        (deadline, reason) = draining ? (deadline, reason) : (null, "");
        if (!_nodes.TryGetValue(id, out var node))
        {
            return false;
        }

        if (node.Draining != draining || node.DrainDeadline != deadline || node.DrainReason != reason)
        {
            Emit(new NodeDraining(id, draining, deadline) { Reason = reason });
        }

        return true;
    }

    /// <summary>A node has said why it takes no work now, or that it does again.</summary>
    /// <param name="problem">For people; empty where there is none.</param>
    /// <param name="unended">Attempts that were killed there and have not ended.</param>
    public void Report(
        NodeId id, Incarnation incarnation, string problem, ReadOnlySpan<UnendedAttempt> unended = default)
    {
        if (Find(id, incarnation) is { Condition: NodeCondition.Connected } node
            && (node.Problem != problem || !node.Unended.AsSpan().SequenceEqual(unended)))
        {
            Emit(new NodeReported(id, problem, [.. unended]));
        }
    }

    /// <summary>Why a node can not be forgotten now, or null where it can, or where there is no such node.</summary>
    public string? WhyNotForget(NodeId id) => _nodes.TryGetValue(id, out var node) && ExclusiveOn(node) is { } attempt
        ? $"node {id} may still run task {attempt.Task}, which is exclusive: stop the node first, or wait until it is lost"
        : null;

    /// <summary>Removes a node; its attempts are given up. False where there is no such node, or where it can not be forgotten now.</summary>
    public bool Forget(NodeId id, DateTimeOffset now)
    {
        if (!_nodes.TryGetValue(id, out var node) || WhyNotForget(id) is not null)
        {
            return false;
        }

        // All at once, since the node is gone with that.
        Disconnect(node, NodeCondition.Stopped, now);
        LoseSome(node, NodeCondition.Stopped, int.MaxValue, now);
        Emit(new NodeForgotten(id));
        return true;
    }

    /// <summary>Unstarted leases to take back from nodes that are stuck, because another node has nothing to do.</summary>
    /// <returns>Nodes to ask, and for how many leases. Each is asked again only after a while.</returns>
    public IReadOnlyList<(NodeId Node, int Count)> Reclaim(DateTimeOffset now)
    {
        // Asked twenty times a second: where nothing runs, ten thousand nodes cost nothing.
        if (_jobs.Count == 0)
        {
            return [];
        }

        // Only when all was granted that can be: then what is idle fits nothing that waits.
        var idle = _scheduler.HasNews ? [] : _nodes.Values.Where(n => n.TakesWork && n.Attempts.Count == 0).ToArray();
        if (idle.Length == 0)
        {
            return [];
        }

        var reclaims = new List<(NodeId, int)>();
        foreach (var node in _nodes.Values
            .Where(n => n.Attempts.Count > n.Running && n.Condition == NodeCondition.Connected
                && now - n.ReclaimAsked > ReclaimPatience)
            .OrderBy(n => n.Id).ToArray())
        {
            var stuck = node.Attempts.Values.Count(a => a.State == TaskState.Leased && now - a.Grant.At > ReclaimPatience
                && BelongsToAnyNode(a) && idle.Any(n => n.Takes(a.Template) && !a.Template.AvoidedBy(a.Offset).Contains(n.Id)));
            if (stuck > 0)
            {
                node.ReclaimAsked = now;
                node.IsStuck = true;
                reclaims.Add((node.Id, (stuck + 1) / 2));
            }
        }

        return reclaims;
    }

    private static bool BelongsToAnyNode(Attempt attempt) =>
        attempt.Template.Section is null || HasStrayed(attempt.Template, attempt.Template.HistoryOf(attempt.Offset));

    private static readonly TimeSpan ReclaimPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>By lease. What becomes of one may settle others that come after it: those are left out.</summary>
    private static IEnumerable<Attempt> InOrder(IEnumerable<Attempt> attempts) =>
        attempts.OrderBy(a => a.Lease.Epoch).ThenBy(a => a.Lease.Sequence).ToArray().Where(a => a.Node.Attempts.ContainsKey(a.Lease));

    private NodeRecord? Find(NodeId id, Incarnation incarnation) =>
        _nodes.TryGetValue(id, out var node) && node.Incarnation == incarnation ? node : null;

    /// <summary>Gives up all that a node holds: started tasks are lost with it, others were never there.</summary>
    private void Lose(NodeRecord node, NodeCondition condition, DateTimeOffset now)
    {
        Disconnect(node, condition, now);
        if (node.Attempts.Count > 0)
        {
            FollowUp(new Losing(node, condition), now);
        }
    }

    private void Disconnect(NodeRecord node, NodeCondition condition, DateTimeOffset now)
    {
        if (node.Condition != condition)
        {
            Emit(new NodeDisconnected(node.Id, condition, node.Condition == NodeCondition.Disconnected ? node.Since : now));
        }
    }

    private void LoseSome(NodeRecord node, NodeCondition condition, int most, DateTimeOffset now)
    {
        foreach (var attempt in InOrder(node.Attempts.Values).Take(most))
        {
            if (condition == NodeCondition.Lost || MayHaveStarted(attempt))
            {
                End(attempt, LostResult(condition == NodeCondition.Lost ? "its node was lost" : "its node was stopped"), now);
            }
            else
            {
                GiveBack(attempt, revoked: false, now);
            }
        }
    }

    /// <summary>Asks a draining node to end or give back all that it still holds. What it does not need to end any more goes elsewhere.</summary>
    private void MoveWork(NodeRecord node)
    {
        foreach (var attempt in InOrder(node.Attempts.Values.Where(a => !a.MoveRequested && !a.CancelRequested)))
        {
            Emit(new MoveRequested(attempt.Lease, attempt.Task, node.Id));
        }
    }

    /// <summary>A lease of an earlier epoch may have been started and reported then: that is not stored.</summary>
    private bool MayHaveStarted(Attempt attempt) => attempt.State == TaskState.Running || attempt.Lease.Epoch != Epoch;

    /// <summary>Of an attempt that its node should present and does not.</summary>
    private AttemptResult ForgottenResult(Attempt attempt, NodeKind kind) =>

        // A classic node never presents what it runs: that it has to start anew is the server's doing, and no mark against the task.
        kind == NodeKind.Classic && attempt.Lease.Epoch != Epoch
            ? WithoutReport(AttemptOutcome.Cancelled, "the server was restarted meanwhile")
            : LostResult("ended by a restart of the agent");

    private static AttemptResult LostResult(string message) => WithoutReport(AttemptOutcome.Lost, message);

    private static AttemptResult WithoutReport(AttemptOutcome outcome, string message) =>
        new(outcome, 0, 0, message, null, default, KeptOutput.Empty, KeptOutput.Empty);
}
