namespace Artel.Core;

/// <summary>From what a store kept back to a state that goes on.</summary>
public sealed partial class ClusterState
{
    /// <summary>A node that was connected when the server ended is away now, and has its time to come back.</summary>
    /// <param name="since">From when on that counts.</param>
    private void Restore(NodeSnapshot snapshot, DateTimeOffset since)
    {
        var node = new NodeRecord(snapshot.Node, snapshot.Incarnation, snapshot.Description)
        {
            Condition = snapshot.Condition == NodeCondition.Connected ? NodeCondition.Disconnected : snapshot.Condition,
            Draining = snapshot.Draining,
            DrainDeadline = snapshot.DrainDeadline,
            DrainReason = snapshot.DrainReason,
            Since = snapshot.Condition is NodeCondition.Connected or NodeCondition.Disconnected ? since : snapshot.LastSeen,
        };
        _nodes.Add(node.Id, node);
        SetAway(node);
        SetDeadline(node);
    }

    /// <summary>
    /// Sorts jobs so that each comes after those that it waits for. These may be younger, since a revision can make a
    /// job wait for them.
    /// </summary>
    private static IEnumerable<JobSnapshot> InOrderOfWaiting(IReadOnlyList<JobSnapshot> jobs)
    {
        if (!jobs.Any(j => j.Spec.After.Any(on => on.Job.CompareTo(j.Job) > 0)))
        {
            return jobs;
        }

        var byId = jobs.ToDictionary(j => j.Job);
        var ordered = new List<JobSnapshot>(jobs.Count);
        var seen = new HashSet<JobId>();
        var open = new Stack<(JobSnapshot Job, bool WithOthers)>();
        foreach (var job in jobs)
        {
            open.Push((job, false));
            while (open.TryPop(out var next))
            {
                if (next.WithOthers)
                {
                    ordered.Add(next.Job);
                }
                else if (seen.Add(next.Job.Job))
                {
                    open.Push((next.Job, true));
                    foreach (var on in next.Job.Spec.After)
                    {
                        if (byId.TryGetValue(on.Job, out var other))
                        {
                            open.Push((other, false));
                        }
                    }
                }
            }
        }

        return ordered;
    }

    /// <summary>Finds the followups that a server which died had not done yet.</summary>
    private void FindFollowups()
    {
        var gone = _nodes.Values
            .Where(n => n.Condition is NodeCondition.Lost or NodeCondition.Stopped && n.Attempts.Count > 0)
            .OrderBy(n => n.Id);
        foreach (var node in gone)
        {
            _followups.Enqueue(new Losing(node, node.Condition));
        }

        var unsuccessful = _jobs.Values
            .SelectMany(j => j.Templates)
            .Where(t => t.HasUnsuccessful && !t.Dependents.IsEmpty);
        foreach (var template in unsuccessful)
        {
            _followups.Enqueue(new Skipping(template, template.All));
        }

        foreach (var job in _jobs.Values.Where(j => j.IsOver))
        {
            _followups.Enqueue(new Ending(job));
        }
    }

    /// <param name="waits">Whether it waits for other jobs and for its time as far as nothing of it was started.</param>
    private void Restore(JobSnapshot snapshot, DateTimeOffset now, bool waits)
    {
        waits &= snapshot.Started is null;

        // What a job waits for in others and is there no more has ended as it must: else the job would have been skipped with it.
        var job = snapshot.Take();
        job.Begin(
            snapshot.Job, snapshot.Document, snapshot.Held, snapshot.Submitted,
            waits ? snapshot.Spec.After.Where(on => _jobs.TryGetValue(on.Job, out var other) && OutcomeOf(other, on) is null) : [],
            waits && snapshot.Spec.StartAt > now ? snapshot.Spec.StartAt : null);
        Introduce(job);
        foreach (var share in snapshot.Shares)
        {
            (job.ShareOf(share.Node).Succeeded, job.ShareOf(share.Node).FailedAttempts) = (share.Succeeded, share.FailedAttempts);
        }

        foreach (var template in job.Templates)
        {
            foreach (var (dependent, on) in template.Dependents)
            {
                if (on.Each)
                {
                    Unblock(dependent, dependent.All);
                }
                else if (template.Meets(on))
                {
                    Release(dependent);
                }
            }
        }

        var cancelRequested = snapshot.CancelRequested.ToDictionary(c => c.Task, c => c.Reason);
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
            template.Move(template.StateOf(offset), TaskState.Leased);
            template.Withdraw(new TaskRange(offset, offset));
            var spec = snapshot.Earlier.FirstOrDefault(e => open.Lease <= e.UpTo).Spec ?? snapshot.Spec;
            Open(new Attempt(open.Lease, grant, template, offset, open.Attempt, NodeOf(open, now))
            {
                CancelReason = cancelRequested.GetValueOrDefault(open.Task),
                Spec = spec.Templates[template.Index],
            });
        }

        foreach (var task in snapshot.Histories)
        {
            var template = job.TemplateOf(task.Task);
            var offset = task.Task - template.Spec.FirstTask;
            if (template.StateOf(offset) is not (TaskState.Waiting or TaskState.Ready))
            {
                continue;
            }

            if (task.NotBefore is { } notBefore && notBefore > now)
            {
                var from = template.StateOf(offset);
                template.Withdraw(new TaskRange(offset, offset));
                BackOff(template, offset, from, notBefore);
            }
            else
            {
                Move(template, offset);
            }
        }

        // While the sets were restored, templates were queued by what they had at that moment. Now all is as it was.
        _scheduler.Dequeue(job);
        Add(job);
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
