namespace Artel.Core;

/// <summary>From what a store kept back to a state that goes on.</summary>
public sealed partial class ClusterState
{
    /// <summary>A node that was connected when the server ended is away now, and has from now on its time to come back.</summary>
    private void Restore(NodeSnapshot snapshot, DateTimeOffset now)
    {
        var node = new NodeRecord(snapshot.Node, snapshot.Incarnation, snapshot.Description)
        {
            Condition = snapshot.Condition == NodeCondition.Connected ? NodeCondition.Disconnected : snapshot.Condition,
            Draining = snapshot.Draining,
            DrainDeadline = snapshot.DrainDeadline,
            Since = snapshot.Condition is NodeCondition.Connected or NodeCondition.Disconnected ? now : snapshot.LastSeen,
        };
        _nodes.Add(node.Id, node);
        SetAway(node);
        SetDeadline(node);
    }

    private void Restore(JobSnapshot snapshot, DateTimeOffset now)
    {
        var job = new Job(snapshot.Job, snapshot.Spec, snapshot.Document, snapshot.Held, snapshot.Submitted) { Started = snapshot.Started };
        foreach (var share in snapshot.Shares)
        {
            (job.ShareOf(share.Node).Succeeded, job.ShareOf(share.Node).FailedAttempts) = (share.Succeeded, share.FailedAttempts);
        }

        foreach (var (tasks, state) in snapshot.Ended)
        {
            foreach (var (template, offsets) in Parts(job, [tasks]))
            {
                template.Fresh.Remove(offsets);
                template.Ended(state).Add(offsets);
                template.Move(template.IsWaiting ? TaskState.Waiting : TaskState.Ready, state, offsets.Count);
            }
        }

        // In template order, so that what waits for a template is released after it was seen to be complete.
        foreach (var template in job.Templates.Where(t => t.AllSucceeded))
        {
            Release(template);
        }

        foreach (var task in snapshot.Histories)
        {
            job.Histories[task.Task] = task.History;
        }

        var cancelRequested = snapshot.CancelRequested.ToHashSet();
        var grants = new Dictionary<LeaseRange, Grant>();
        foreach (var open in snapshot.Open)
        {
            if (!grants.TryGetValue(open.Granted, out var grant))
            {
                grants[open.Granted] = grant = new Grant(open.Granted, 0, open.At);
            }

            grant.Open++;
            var template = job.TemplateOf(open.Task);
            var offset = open.Task - template.Spec.FirstTask;
            template.Fresh.Remove(offset);
            template.Move(TaskState.Ready, TaskState.Leased);
            Open(new Attempt(open.Lease, grant, template, offset, open.Attempt, NodeOf(open, now))
            {
                CancelRequested = cancelRequested.Contains(open.Task),
            });
        }

        _jobs.Add(job.Id, job);
        foreach (var task in snapshot.Histories)
        {
            var template = job.TemplateOf(task.Task);
            var offset = task.Task - template.Spec.FirstTask;
            if (template.StateOf(offset) is not (TaskState.Waiting or TaskState.Ready))
            {
                continue;
            }

            template.Fresh.Remove(offset);
            if (task.NotBefore is { } notBefore && notBefore > now)
            {
                BackOff(template, offset, notBefore);
            }
            else
            {
                MakeReady(template, offset);
            }
        }

        // Last, when all sets are as they were: it queues what has something to start.
        _scheduler.Add(job);
    }

    /// <summary>The node of a lease in flight. A node that was forgotten since then is away like any other, until it is lost.</summary>
    private NodeRecord NodeOf(OpenLease open, DateTimeOffset now)
    {
        if (!_nodes.TryGetValue(open.Node, out var node))
        {
            var unknown = new NodeDescription(NodeKind.Native, "", "", "", Resources.None, []);
            Restore(new NodeSnapshot(open.Node, open.Incarnation, unknown, NodeCondition.Disconnected, false, now), now);
            node = _nodes[open.Node];
        }

        return node;
    }
}
