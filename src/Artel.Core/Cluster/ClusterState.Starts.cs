namespace Artel.Core;

/// <summary>Tasks that could not be started: whether that is the fault of their node, and what follows for it.</summary>
public sealed partial class ClusterState
{
    /// <summary>Nodes that get no task of a user before a certain time.</summary>
    private readonly HashSet<(NodeId Node, string User)> _resting = [];

    /// <summary>
    /// True if a task that could not be started is tried on another node before this counts as a failure. That needs
    /// another node on which tasks start, or a node that is known to be at fault. It is false for tasks that only one
    /// node may run, and for tasks of a template that could not be started anywhere.
    /// </summary>
    private bool StartsElsewhere(Attempt attempt, TaskHistory history, AttemptResult result)
    {
        var (template, node, user) = (attempt.Template, attempt.Node, attempt.Template.Job.Spec.User);
        return CanGoElsewhere(attempt, history) && !template.NeverStarts && template.Spec.Retry.NoRetryOn?.Contains(result) != true
            && (node.StartsOf(user).IsBlamed || (history.NotStartedOn.Length < MaxAvoided && _nodes.Values.Any(
                n => n != node && n.StartsOf(user).IsGood && !history.NotStartedOn.Contains(n.Id) && n.Takes(template))));
    }

    private static bool CanGoElsewhere(Attempt attempt, TaskHistory history) =>
        attempt.Template is { Section: null } template && attempt.Node.TakesAnyTask
        && (template.Spec.OnNodeLost != OnNodeLost.Wait || history.Losses.IsEmpty);

    /// <summary>Updates the start records of nodes after an attempt has ended.</summary>
    /// <param name="before">The task's history before this attempt.</param>
    /// <param name="wasTold">Whether the start of its process was reported before.</param>
    private void JudgeStart(Attempt attempt, TaskHistory before, TaskHistory after, AttemptResult result, bool wasTold, DateTimeOffset now)
    {
        var user = attempt.Template.Job.Spec.User;
        if (result.Outcome is AttemptOutcome.Succeeded or AttemptOutcome.Failed or AttemptOutcome.Signalled or AttemptOutcome.TimedOut or AttemptOutcome.OutOfMemory)
        {
            if (!wasTold)
            {
                Started(attempt, before, now);
            }
        }
        else if (result.Outcome == AttemptOutcome.NotStarted && CanGoElsewhere(attempt, before))
        {
            if (after.NotStartedOn.Contains(attempt.Node.Id))
            {
                Judge(attempt.Node, user, attempt.Node.StartsOf(user).AfterFailure(attempt.Task, now));
                return;
            }

            // It starts nowhere: that was not the fault of the nodes.
            foreach (var id in before.NotStartedOn.Add(attempt.Node.Id))
            {
                if (_nodes.TryGetValue(id, out var node) && !node.StartsOf(user).IsBlamed)
                {
                    Judge(node, user, StartRecord.Good);
                }
            }
        }
    }

    /// <summary>
    /// A process was started on a node. Nodes on which the same task could not be started are at fault.
    /// </summary>
    private void Started(Attempt attempt, TaskHistory history, DateTimeOffset now)
    {
        var user = attempt.Template.Job.Spec.User;
        Judge(attempt.Node, user, StartRecord.Good);
        foreach (var id in history.NotStartedOn)
        {
            if (id != attempt.Node.Id && _nodes.TryGetValue(id, out var node) && node.StartsOf(user) is { IsGood: false, IsBlamed: false } starts)
            {
                Judge(node, user, starts.Blamed(now));
            }
        }
    }

    private void Judge(NodeRecord node, string user, StartRecord starts)
    {
        if (node.StartsOf(user) != starts)
        {
            Emit(new NodeStartsJudged(node.Id, user, starts));
        }
    }

    /// <summary>Nodes that got nothing for a time get a task again.</summary>
    private void EndRests(DateTimeOffset now)
    {
        foreach (var (id, user) in _resting.Where(r => _nodes[r.Node].StartsOf(r.User).NextTry <= now).OrderBy(r => r.Node).ThenBy(r => r.User, StringComparer.Ordinal).ToArray())
        {
            Judge(_nodes[id], user, _nodes[id].StartsOf(user) with { NextTry = null });
        }
    }

    private void Apply(NodeStartsJudged judged)
    {
        var node = _nodes[judged.Node];
        if (judged.Starts == StartRecord.Good)
        {
            node.Starts.Remove(judged.User);
        }
        else
        {
            node.Starts[judged.User] = judged.Starts;
        }

        if (judged.Starts.NextTry is null)
        {
            _resting.Remove((node.Id, judged.User));
        }
        else
        {
            _resting.Add((node.Id, judged.User));
        }

        // For tasks that avoid other nodes, it may be the only one left, or may have been.
        _scheduler.Changed(node.Id);
    }
}
