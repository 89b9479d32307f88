namespace Artel.Core;

/// <summary>One round of placing tasks that avoid nodes, between the classes, by priority.</summary>
internal sealed class AvoidingRound(
    AvoidingTasks tasks, Dictionary<NodeId, NodeRecord> nodes, SortedDictionary<JobId, Job> jobs, NodeRecord[] candidates,
    Action<Template, TaskRange, NodeRecord> grant)
{
    private readonly Queue<AvoidingKey> _groups = tasks.InOrder(jobs);

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

        var others = Array.FindAll(candidates, n => !group.Nodes.Contains(n.Id) && n.CouldRun(like));
        if (others.Length == 0)
        {
            // A node that is busy is waited for. Where there is none at all, a task would wait for ever.
            others = nodes.Values.Any(n => n.TakesWork && !group.Nodes.Contains(n.Id) && n.CouldRun(like))
                ? []
                : Array.FindAll(candidates, n => n.CouldRun(like));
        }

        // One for each in turn, so that they spread out.
        for (var some = others.Length > 0; some;)
        {
            some = false;
            foreach (var node in others)
            {
                if (tasks.First(group, jobs) is var (template, offset) && WorkAhead.Room(node, template, 1) == 1)
                {
                    grant(template, new TaskRange(offset, offset), node);
                    some = true;
                }
            }
        }
    }
}
