namespace Artel.Core;

/// <summary>Tasks that could not be started: whether that is the fault of their node, and what follows for it.</summary>
public sealed partial class ClusterState
{
    /// <summary>Nodes that get their next task at a certain time.</summary>
    private readonly SortedSet<NodeId> _resting = [];

    /// <summary>
    /// Whether a task that could not be started is tried on another node before that counts as a failure: if there is another on which tasks
    /// start, or if its node is known to be at fault. Tasks that only their node may run, and tasks of a template of which none could be
    /// started anywhere, are not.
    /// </summary>
    private bool StartsElsewhere(Attempt attempt, TaskHistory history, AttemptResult result)
    {
        var (template, node) = (attempt.Template, attempt.Node);
        return CanGoElsewhere(attempt, history) && !template.NeverStarts && template.Spec.Retry.NoRetryOn?.Contains(result) != true
            && (node.Starts.IsBlamed || (history.NotStartedOn.Length < MaxAvoided && _nodes.Values.Any(
                n => n != node && n.TakesWork && n.Starts.IsGood && !history.NotStartedOn.Contains(n.Id) && n.CouldRun(template))));
    }

    private static bool CanGoElsewhere(Attempt attempt, TaskHistory history) =>
        attempt.Template is { Section: null } template && attempt.Node.TakesAnyTask
        && (template.Spec.OnNodeLost != OnNodeLost.Wait || history.Losses.IsEmpty);

    /// <summary>What the end of an attempt says about starts on its node.</summary>
    /// <param name="before">The task's history before this attempt.</param>
    /// <param name="wasTold">Whether the start of its process was reported before.</param>
    private void JudgeStart(Attempt attempt, TaskHistory before, TaskHistory after, AttemptResult result, bool wasTold, DateTimeOffset now)
    {
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
                Judge(attempt.Node, attempt.Node.Starts.AfterFailure(result.Message, now));
                return;
            }

            // It starts nowhere: that was not the fault of the nodes.
            foreach (var id in before.NotStartedOn.Add(attempt.Node.Id))
            {
                if (_nodes.TryGetValue(id, out var node) && !node.Starts.IsBlamed)
                {
                    Judge(node, StartRecord.Good);
                }
            }
        }
    }

    /// <summary>A process was started on a node: tasks start there, and where this one could not be started the node is at fault.</summary>
    private void Started(Attempt attempt, TaskHistory history, DateTimeOffset now)
    {
        Judge(attempt.Node, StartRecord.Good);
        foreach (var id in history.NotStartedOn)
        {
            if (id != attempt.Node.Id && _nodes.TryGetValue(id, out var node) && node.Starts is { IsGood: false, IsBlamed: false } starts)
            {
                Judge(node, starts.Blamed(now));
            }
        }
    }

    private void Judge(NodeRecord node, StartRecord starts)
    {
        if (node.Starts != starts)
        {
            Emit(new NodeStartsJudged(node.Id, starts));
        }
    }

    /// <summary>Nodes that were left alone get a task again.</summary>
    private void EndRests(DateTimeOffset now)
    {
        foreach (var id in _resting.Where(id => _nodes[id].Starts.NextTry <= now).ToArray())
        {
            Judge(_nodes[id], _nodes[id].Starts with { NextTry = null });
        }
    }

    private void Apply(NodeStartsJudged judged)
    {
        var node = _nodes[judged.Node];
        node.Starts = judged.Starts;
        if (judged.Starts.NextTry is null)
        {
            _resting.Remove(node.Id);
        }
        else
        {
            _resting.Add(node.Id);

            // What avoids other nodes may have nowhere else to go now.
            _scheduler.Reconsider();
        }

        _scheduler.Touch(node.Id);
    }
}
