using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>Questions about the present.</summary>
public sealed partial class ClusterState
{
    public IEnumerable<JobId> Jobs => _jobs.Keys;

    public JobView? View(JobId id) => _jobs.TryGetValue(id, out var job)
        ? new JobView(job.Id, job.Spec, job.State, job.Held, job.Submitted, job.Started, job.Counts, SharesOf(job)) { Priority = job.Priority }
        : null;

    /// <summary>The tasks of a range, in order. Empty where there is no such unfinished job.</summary>
    public IReadOnlyList<TaskView> ViewTasks(JobId id, TaskRange tasks)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return [];
        }

        var views = new List<TaskView>();
        for (var number = Math.Max(1, tasks.First); number <= Math.Min(tasks.Last, job.Spec.TaskCount); number++)
        {
            var template = job.TemplateOf(number);
            var offset = number - template.Spec.FirstTask;
            views.Add(new TaskView(
                new TaskId(id, number), template.StateOf(offset), template.HistoryOf(offset),
                job.BackingOff.TryGet(number, out var notBefore) ? notBefore : null,
                template.AttemptOf(offset) is { } attempt ? ViewOf(attempt) : null,
                template.StateOf(offset) == TaskState.Ready ? template.AvoidedBy(offset) : []));
        }

        return views;
    }

    public IReadOnlyList<NodeView> ViewNodes() => [.. _nodes.Values.OrderBy(n => n.Id).Select(ViewOf)];

    /// <summary>In no order.</summary>
    /// <param name="condition">Null: in any.</param>
    public IReadOnlyList<NodeView> ViewNodes(NodeCondition? condition) => [.. _nodes.Values.Where(n => condition is null || n.Condition == condition).Select(ViewOf)];

    /// <summary>
    /// The connected native nodes that get work now and, if they were idle, could run tasks with these requests.
    /// </summary>
    /// <param name="only">The one node that the tasks are for; null: any.</param>
    /// <param name="labels">Labels that a node must have.</param>
    /// <returns>The nodes by id, and whether tasks run as other accounts there.</returns>
    public IReadOnlyList<(NodeId Node, bool HasAccounts)> NodesFor(
        NodeId? only, ImmutableArray<Label> labels, Needs needs) =>
    [
        .. (only is { } id ? _nodes.TryGetValue(id, out var node) ? [node] : [] : _nodes.Values.AsEnumerable())
            .Where(n => n is { Condition: NodeCondition.Connected, Draining: false, TakesAnyTask: true })
            .Where(n => n.Has(labels.AsSpan()) && n.CanEverFit(needs))
            .OrderBy(n => n.Id)
            .Select(n => (n.Id, n.Description.RunAs.Length > 0)),
    ];

    public NodeView? View(NodeId id) => _nodes.TryGetValue(id, out var node) ? ViewOf(node) : null;

    /// <summary>What is in the hands of a node, oldest lease first.</summary>
    public IReadOnlyList<AttemptView> ViewAttempts(NodeId id, int limit) =>
        _nodes.TryGetValue(id, out var node) ? [.. InOrder(node.Attempts.Values).Take(limit).Select(ViewOf)] : [];

    /// <summary>The document of an unfinished job; null if there is no such job.</summary>
    public ReadOnlyMemory<byte>? DocumentOf(JobId id)
    {
        // Not with "?:", which would take null for an empty document.
        if (_jobs.TryGetValue(id, out var job))
        {
            return job.Document;
        }

        return null;
    }

    private static IReadOnlyList<string> UnendedOf(NodeRecord node) =>
    [
        .. node.Unended.Where(u => node.Attempts.ContainsKey(u.Lease))
            .Select(u => $"task {node.Attempts[u.Lease].Task}: {u.Reason}"),
    ];

    private static NodeView ViewOf(NodeRecord node) => new(
        node.Id, node.Incarnation, node.Description, node.Condition, node.Draining, node.Since, node.Running, node.Attempts.Count - node.Running)
    {
        DrainDeadline = node.DrainDeadline,
        DrainReason = node.DrainReason,
        Problem = node.Obstacle(),
        // The same empty list each time, so that two equal views compare as equal.
        Unended = node.Unended.IsEmpty ? [] : UnendedOf(node),
        Used = UsedOf(node),
    };

    private static AttemptView ViewOf(Attempt attempt) =>
        new(attempt.Lease, attempt.Task, attempt.Number, attempt.Node.Id, attempt.State, attempt.Started);

    private static NodeShareView[] SharesOf(Job job)
    {
        var assigned = new SortedDictionary<NodeId, (int Tasks, int Ended)>();
        foreach (var section in job.Sections)
        {
            var sum = assigned.GetValueOrDefault(section.Spec.Node);
            assigned[section.Spec.Node] = (sum.Tasks + section.Assigned, sum.Ended + section.Ended);
        }

        return
        [
            .. assigned.Keys.Union(job.Shares.Keys).Order().Select(node =>
            {
                var (tasks, ended) = assigned.GetValueOrDefault(node);
                var share = job.Shares.GetValueOrDefault(node) ?? new NodeShare();
                return new NodeShareView(node, tasks, ended, share.Running, share.Succeeded, share.FailedAttempts);
            }),
        ];
    }
}
