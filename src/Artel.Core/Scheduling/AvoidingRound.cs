namespace Artel.Core;

/// <summary>One round of placing tasks that avoid nodes, between the classes, by priority.</summary>
internal sealed class AvoidingRound(
    AvoidingTasks tasks, Dictionary<NodeId, NodeRecord> nodes, SortedDictionary<JobId, Job> jobs, NodeRecord[] candidates,
    Func<NodeRecord, Template, bool> hasRoom, Action<Template, TaskRange, NodeRecord> grant)
{
    private readonly Queue<AvoidingKey> _groups = candidates.Length == 0 ? [] : tasks.InOrder(jobs);
    private readonly Dictionary<ClassKey, NodeRecord[]> _fitting = [];

    /// <summary>Places what is left of this priority and higher ones: what was tried before goes before what was not.</summary>
    public void Place(int priority)
    {
        while (_groups.TryPeek(out var group) && group.Class.Priority >= priority)
        {
            Place(_groups.Dequeue());
        }
    }

    private void Place(AvoidingKey group)
    {
        if (tasks.First(group, jobs) is not var (like, _))
        {
            return;
        }

        // Looked for once for all groups of a class: where all nodes are busy, a group costs nothing more.
        if (!_fitting.TryGetValue(group.Class, out var fitting))
        {
            _fitting[group.Class] = fitting = Array.FindAll(candidates, n => n.CouldRun(like) && hasRoom(n, like));
        }

        if (fitting.Length == 0)
        {
            return;
        }

        var others = Array.FindAll(fitting, n => !group.Nodes.Contains(n.Id));
        if (others.Length == 0 && !nodes.Values.Any(n => n.TakesWork && !group.Nodes.Contains(n.Id) && n.CouldRun(like)))
        {
            // A node that is busy is waited for. Where there is none at all, a task would wait for ever.
            others = fitting;
        }

        // One for each in turn, so that they spread out.
        for (var some = others.Length > 0; some;)
        {
            some = false;
            foreach (var node in others)
            {
                if (tasks.First(group, jobs) is var (template, offset) && hasRoom(node, template))
                {
                    grant(template, new TaskRange(offset, offset), node);
                    some = true;
                }
            }
        }
    }
}
