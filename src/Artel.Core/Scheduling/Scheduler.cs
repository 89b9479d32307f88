namespace Artel.Core;

/// <summary>
/// Decides which node gets which tasks. It works on classes × nodes and looks again only at what has changed since it looked last:
/// classes that gained tasks, and nodes that gained room.
/// </summary>
internal sealed class Scheduler
{
    private readonly Dictionary<ClassKey, TaskClass> _classes = [];
    private readonly List<TaskClass> _order = [];
    private readonly SortedDictionary<NodeId, List<Section>> _sections = [];
    private readonly SortedDictionary<NodeId, HashSet<Template>> _bound = [];
    private readonly SortedSet<NodeId> _touched = [];
    private bool _classesGained;

    /// <summary>The lists of a node in unfinished jobs.</summary>
    public IReadOnlyList<Section> SectionsOf(NodeId node) => _sections.TryGetValue(node, out var sections) ? sections : [];

    /// <summary>Whether a task that any node may take waits for room.</summary>
    public bool HasQueue => _order.Count > 0;

    /// <summary>The node may have room now, or work of its own.</summary>
    public void Touch(NodeId node) => _touched.Add(node);

    public void Add(Job job)
    {
        foreach (var section in job.Sections)
        {
            if (!_sections.TryGetValue(section.Spec.Node, out var sections))
            {
                _sections[section.Spec.Node] = sections = [];
            }

            // Higher priority first, then older jobs.
            var at = sections.FindIndex(s => s.Job.Spec.Priority < job.Spec.Priority);
            sections.Insert(at < 0 ? sections.Count : at, section);
            Touch(section.Spec.Node);
        }

        foreach (var template in job.Templates)
        {
            Requeue(template);
        }
    }

    public void Remove(Job job)
    {
        foreach (var section in job.Sections)
        {
            var sections = _sections[section.Spec.Node];
            sections.Remove(section);
            if (sections.Count == 0)
            {
                _sections.Remove(section.Spec.Node);
            }
        }

        foreach (var template in job.Templates)
        {
            Dequeue(template);
        }
    }

    /// <summary>Call after tasks of the template became ready or ceased to be, or its job was held or released.</summary>
    public void Requeue(Template template)
    {
        var waits = template.IsWaiting || template.Job.Held;
        if (template.Section is { } section && !waits && (!template.Fresh.IsEmpty || template.Again.Count > 0))
        {
            section.GoBackTo(template);
            Touch(section.Spec.Node);
        }

        if (waits || template.Takeable == 0)
        {
            Dequeue(template);
        }
        else
        {
            Enqueue(template);
            _classesGained = true;
        }
    }

    /// <summary>A task of the template waits for this node alone.</summary>
    public void Bind(Template template, NodeId node)
    {
        if (!_bound.TryGetValue(node, out var templates))
        {
            _bound[node] = templates = [];
        }

        templates.Add(template);
        Touch(node);
    }

    /// <summary>Grants leases until no node has room for anything that waits.</summary>
    /// <param name="grant">Makes the grant: template, offsets, node. Sets and loads have changed when it returns.</param>
    public void Place(IReadOnlyDictionary<NodeId, NodeRecord> nodes, Action<Template, TaskRange, NodeRecord> grant)
    {
        foreach (var id in _touched)
        {
            if (nodes.TryGetValue(id, out var node) && node.TakesWork)
            {
                PlaceOwn(node, grant);
            }
        }

        if (_order.Count > 0 && (_classesGained || _touched.Count > 0))
        {
            var candidates = (_classesGained ? nodes.Values : _touched.Where(nodes.ContainsKey).Select(id => nodes[id]))
                .Where(n => n.TakesWork).OrderBy(n => n.PendingTime).ThenBy(n => n.Id).ToArray();
            PlaceClasses(candidates, grant);
        }

        _touched.Clear();
        _classesGained = false;
    }

    private void PlaceOwn(NodeRecord node, Action<Template, TaskRange, NodeRecord> grant)
    {
        foreach (var section in SectionsOf(node.Id))
        {
            while (!section.Job.Held && section.Free > 0 && section.Next() is { IsWaiting: false } template
                && WorkAhead.Room(node, template, section.Free) is > 0 and var room)
            {
                grant(template, NextOfList(template, room), node);
            }
        }

        if (_bound.TryGetValue(node.Id, out var templates))
        {
            foreach (var template in templates.OrderBy(t => t.Job.Id).ThenBy(t => t.Index).ToArray())
            {
                foreach (var offset in template.Bound.Where(b => b.Value == node.Id).Select(b => b.Key).ToArray())
                {
                    if (!template.Job.Held && WorkAhead.Room(node, template, 1) == 1)
                    {
                        grant(template, new TaskRange(offset, offset), node);
                    }
                }

                if (!template.Bound.ContainsValue(node.Id))
                {
                    templates.Remove(template);
                }
            }
        }
    }

    private void PlaceClasses(NodeRecord[] nodes, Action<Template, TaskRange, NodeRecord> grant)
    {
        foreach (var taskClass in _order.OrderByDescending(c => c.Key.Priority).ThenBy(c => c.Queue.Min!.Job.Id).ToArray())
        {
            // First an equal share for each node that could take some, so that few tasks spread out; then whoever has room left.
            var first = taskClass.Queue.Min!;
            var fitting = nodes.Where(n => n.Has(taskClass.Key.Labels.AsSpan()) && WorkAhead.Room(n, first, 1) > 0).ToArray();
            if (fitting.Length == 0)
            {
                continue;
            }

            var waiting = Waiting(taskClass, fitting.Sum(n => WorkAhead.Room(n, first, WorkAhead.MaxLeases)));
            var share = (int)Math.Clamp((waiting + fitting.Length - 1) / fitting.Length, 1, WorkAhead.MaxLeases);
            foreach (var node in fitting)
            {
                Give(taskClass, node, share, grant);
            }

            foreach (var node in fitting)
            {
                Give(taskClass, node, WorkAhead.MaxLeases, grant);
            }
        }
    }

    /// <summary>How many tasks of the class wait, counted no further than <paramref name="enough"/>.</summary>
    private static int Waiting(TaskClass taskClass, int enough)
    {
        var waiting = 0;
        foreach (var template in taskClass.Queue)
        {
            waiting = (int)Math.Min(enough, (long)waiting + template.Takeable);
            if (waiting == enough)
            {
                break;
            }
        }

        return waiting;
    }

    private static void Give(TaskClass taskClass, NodeRecord node, int most, Action<Template, TaskRange, NodeRecord> grant)
    {
        while (most > 0 && taskClass.Queue.Min is { } template
            && WorkAhead.Room(node, template, Math.Min(most, template.Takeable)) is > 0 and var room)
        {
            var offsets = NextOf(template, room);
            grant(template, offsets, node);
            most -= offsets.Count;
        }
    }

    /// <summary>
    /// The tasks of a template to start next, in order: those that were tried before one at a time, since each has its own attempt
    /// number, and fresh ones together.
    /// </summary>
    private static TaskRange NextOfList(Template template, int most)
    {
        if (template.Again.Count == 0)
        {
            return template.Fresh.PeekFirst(most);
        }

        var again = template.Again.Min;
        if (template.Fresh.IsEmpty || again < template.Fresh.First)
        {
            return new TaskRange(again, again);
        }

        return template.Fresh.PeekFirst(Math.Min(most, again - template.Fresh.First));
    }

    private static TaskRange NextOf(Template template, int most) =>
        template.Section is null ? NextOfList(template, most) : new TaskRange(template.Stray.Min, template.Stray.Min);

    private void Enqueue(Template template)
    {
        if (template.QueuedIn is not null)
        {
            return;
        }

        var key = ClassKey.Of(template);
        if (!_classes.TryGetValue(key, out var taskClass))
        {
            _classes[key] = taskClass = new TaskClass(key);
            _order.Add(taskClass);
        }

        taskClass.Queue.Add(template);
        template.QueuedIn = taskClass;
    }

    private void Dequeue(Template template)
    {
        if (template.QueuedIn is not { } taskClass)
        {
            return;
        }

        taskClass.Queue.Remove(template);
        template.QueuedIn = null;
        if (taskClass.Queue.Count == 0)
        {
            _classes.Remove(taskClass.Key);
            _order.Remove(taskClass);
        }
    }
}
