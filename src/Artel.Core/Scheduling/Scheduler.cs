using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// Decides which node gets which tasks. It works on classes × nodes and looks again only at what has changed since it looked last:
/// classes that gained tasks at all nodes with room, and all classes at nodes that gained room.
/// </summary>
internal sealed class Scheduler
{
    private readonly WaitingClasses _classes = new();
    private readonly NodeOrder _order = new();
    private readonly Dictionary<NodeId, List<Section>> _sections = [];
    private readonly Dictionary<NodeId, SortedSet<(JobId Job, int Task)>> _bound = [];
    private readonly AvoidingTasks _avoiding = new();
    private readonly Reservations _reservations = new();
    private readonly HashSet<NodeId> _touched = [];
    private readonly HashSet<NodeId> _renewed = [];

    /// <summary>Whether tasks that avoid nodes are to be looked at on all nodes.</summary>
    private bool _avoidingGained;

    /// <summary>Whether something may be granted that was not looked at yet.</summary>
    public bool HasNews => _classes.HaveGained || _avoidingGained || _touched.Count > 0;

    /// <summary>Classes with tasks that any fitting node may take. In no order.</summary>
    public IReadOnlyCollection<TaskClass> Classes => _classes.All;

    /// <summary>Nodes that are kept for large tasks.</summary>
    public Reservations Reservations => _reservations;

    /// <summary>The node may have room now, or work of its own.</summary>
    public void Touch(NodeId node) => _touched.Add(node);

    /// <summary>
    /// The node came, went or changed: it may have room now, and tasks that avoid others may have it to go to, or none.
    /// </summary>
    public void Changed(NodeId node)
    {
        Touch(node);
        _renewed.Add(node);
        _reservations.NodesChanged();
        _avoidingGained |= !_avoiding.IsEmpty;
    }

    public void Add(Job job)
    {
        foreach (var section in job.Sections)
        {
            if (!_sections.TryGetValue(section.Spec.Node, out var sections))
            {
                _sections[section.Spec.Node] = sections = [];
            }

            // Higher priority first, then older jobs.
            var at = sections.FindIndex(s => s.Job.Priority < job.Priority);
            sections.Insert(at < 0 ? sections.Count : at, section);
            Touch(section.Spec.Node);
        }

        _classes.AddAll(job);
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

        Dequeue(job);
        foreach (var tasks in _bound.Values)
        {
            tasks.RemoveWhere(t => t.Job == job.Id);
        }
    }

    /// <summary>What limits hold back may have become less: everything is to be looked at.</summary>
    public void LookAgain()
    {
        _classes.GainAll();
        _avoidingGained |= !_avoiding.IsEmpty;
        _touched.UnionWith(_sections.Keys);
        _touched.UnionWith(_bound.Keys);
    }

    /// <summary>A limit is not reached any more: what it held back may go on.</summary>
    public void Freed(TagLimit limit)
    {
        foreach (var taskClass in limit.HeldClasses)
        {
            _classes.Gain(taskClass);
        }

        limit.HeldClasses.Clear();
        _touched.UnionWith(limit.HeldNodes);
        limit.HeldNodes.Clear();
        _avoidingGained |= !_avoiding.IsEmpty;
    }

    /// <summary>A template has free places by its own limit again.</summary>
    public void Freed(Template template)
    {
        Requeue(template);
        foreach (var (_, node) in template.Job.Bound.Values)
        {
            Touch(node);
        }

        _avoidingGained |= !_avoiding.IsEmpty;
    }

    /// <summary>Call after tasks of the template became ready or ceased to be.</summary>
    public void Requeue(Template template)
    {
        if (template.Section is { } section && template.HasStartable)
        {
            section.GoBackTo(template);
            if (!template.IsWaiting && !template.Job.Held)
            {
                Touch(section.Spec.Node);
            }
        }

        if (template.IsTakeable)
        {
            _classes.Add(template);
        }
        else
        {
            Dequeue(template);
        }
    }

    /// <summary>Whether an unfinished job has a list for the node.</summary>
    public bool HasListOf(NodeId node) => _sections.ContainsKey(node);

    /// <summary>A task waits for this node alone.</summary>
    public void Bind(TaskId task, NodeId node)
    {
        if (!_bound.TryGetValue(node, out var tasks))
        {
            _bound[node] = tasks = [];
        }

        tasks.Add((task.Job, task.Number));
        Touch(node);
    }

    /// <summary>A task may start on another node than some.</summary>
    public void Avoid(Template template, int offset, ImmutableArray<NodeId> avoided)
    {
        if (!template.Job.Held && !template.IsWaiting)
        {
            _avoiding.Add(template, offset, avoided);
            _avoidingGained = true;
        }
    }

    public bool Avoids(Template template, int offset, ImmutableArray<NodeId> avoided) => _avoiding.Has(template, offset, avoided);

    /// <summary>Grants leases until no node has room for anything that waits.</summary>
    /// <param name="grant">Makes the grant: template, offsets, node. Sets and loads have changed when it returns.</param>
    public void Place(
        Dictionary<NodeId, NodeRecord> nodes, SortedDictionary<JobId, Job> jobs, Action<Template, TaskRange, NodeRecord> grant, DateTimeOffset now)
    {
        // A copy: a grant touches the node it goes to.
        foreach (var id in _touched.Count > 0 ? _touched.Order().ToArray() : [])
        {
            if (nodes.TryGetValue(id, out var node) && node.TakesWork)
            {
                PlaceLists(node, grant);
                PlaceBound(node, jobs, grant);
            }
        }

        while (HasNews)
        {
            PlaceOnAny(nodes, jobs, grant, now);
        }
    }

    /// <summary>
    /// Work that waits although there is room for it, as sentences: looking only at what has changed must leave none.
    /// Visits everything. Nodes that are kept for a class are left out: who may start there changes with what users
    /// have.
    /// </summary>
    public IEnumerable<string> Overlooked(Dictionary<NodeId, NodeRecord> nodes)
    {
        foreach (var node in HasNews ? [] : nodes.Values.Where(n => n.TakesWork))
        {
            foreach (var section in _sections.GetValueOrDefault(node.Id, []))
            {
                if (!section.Job.Held && section.Free > 0 && section.Next() is { IsWaiting: false } next
                    && WorkAhead.RoomBeside(node, next, Needs.None, 1) == 1)
                {
                    yield return $"node {node.Id} has room for the next of its list in job {section.Job.Id}";
                }
            }

            if (_reservations.OfNode(node.Id) is not null)
            {
                continue;
            }

            foreach (var taskClass in _classes.All)
            {
                var first = taskClass.First!;
                if (node.Takes(first) && WorkAhead.RoomBeside(node, first, Needs.None, 1) == 1)
                {
                    yield return $"node {node.Id} has room for tasks of job {first.Job.Id}";
                }
            }
        }
    }

    private void PlaceOnAny(
        Dictionary<NodeId, NodeRecord> nodes, SortedDictionary<JobId, Job> jobs, Action<Template, TaskRange, NodeRecord> grant, DateTimeOffset now)
    {
        foreach (var id in _touched)
        {
            var node = nodes.GetValueOrDefault(id);
            _reservations.Look(id, node, _classes.Contains);
            _order.Update(id, node);
        }

        _touched.UnionWith(_reservations.TakeFreed());
        var changed = _touched.Select(nodes.GetValueOrDefault).OfType<NodeRecord>()
            .Where(n => n.TakesWork && n.TakesAnyTask).OrderBy(n => n.Busy).ThenBy(n => n.Id).ToArray();
        var gained = _classes.TakeGained();
        if (_classes.All.Count > 0 || !_avoiding.IsEmpty)
        {
            _reservations.BeginRound();
            var avoiding = new AvoidingRound(
                _avoiding, nodes, jobs, _avoidingGained ? [.. _order.Working] : changed,
                (n, t) => _reservations.Room(n, t, 1, now) == 1, Grant);
            NodeRecord[] renewed = _renewed.Count == 0 ? [] : Array.FindAll(changed, n => _renewed.Contains(n.Id));
            new ClassRound(_classes, gained, _order, changed, renewed, _reservations, avoiding, Grant, now).Place();
        }

        // What was granted has changed classes and nodes once more, for the worse. A class that has got its room keeps
        // its node from nobody any more.
        _ = _classes.TakeGained();
        _avoidingGained = false;
        _touched.Clear();
        _renewed.Clear();
        _touched.UnionWith(_reservations.TakeFreed());

        void Grant(Template template, TaskRange offsets, NodeRecord node)
        {
            _reservations.Pass(node.Id, template, offsets.Count);
            grant(template, offsets, node);
            _order.Update(node.Id, node);
        }
    }

    private void PlaceLists(NodeRecord node, Action<Template, TaskRange, NodeRecord> grant)
    {
        if (!_sections.TryGetValue(node.Id, out var sections))
        {
            return;
        }

        foreach (var section in sections)
        {
            while (!section.Job.Held && section.Free > 0 && section.Next() is { IsWaiting: false } template
                && WorkAhead.Room(node, template, section.Free) is > 0 and var room)
            {
                grant(template, NextOfList(template, room), node);
            }

            if (section.Next() is { } next)
            {
                HoldBack(next, node);
            }
        }
    }

    /// <summary>The node is to be looked at again when a limit is not reached any more.</summary>
    private static void HoldBack(Template template, NodeRecord node)
    {
        foreach (var limit in template.ReachedLimits)
        {
            limit.HeldNodes.Add(node.Id);
        }
    }

    private void PlaceBound(NodeRecord node, SortedDictionary<JobId, Job> jobs, Action<Template, TaskRange, NodeRecord> grant)
    {
        if (!_bound.TryGetValue(node.Id, out var tasks))
        {
            return;
        }

        foreach (var (id, number) in tasks.ToArray())
        {
            var job = jobs.GetValueOrDefault(id);
            var waits = job is not null && job.Bound.TryGet(number, out var bound) && bound == node.Id;
            var template = job?.TemplateOf(number);
            if (waits && !job!.Held && !template!.IsWaiting && WorkAhead.Room(node, template!, 1) == 1)
            {
                var offset = number - template!.Spec.FirstTask;
                grant(template, new TaskRange(offset, offset), node);
                waits = false;
            }

            if (!waits)
            {
                tasks.Remove((id, number));
            }
            else
            {
                HoldBack(job!.TemplateOf(number), node);
            }
        }

        if (tasks.Count == 0)
        {
            _bound.Remove(node.Id);
        }
    }

    /// <summary>
    /// The tasks of a template to start next, in order: those that were tried before one at a time, since each has its own attempt
    /// number, and fresh ones together.
    /// </summary>
    public static TaskRange NextOfList(Template template, int most)
    {
        if (!template.HasAgain)
        {
            return template.Fresh.PeekFirst(most);
        }

        var again = template.Again.First;
        if (template.Fresh.IsEmpty || again < template.Fresh.First)
        {
            return new TaskRange(again, again);
        }

        return template.Fresh.PeekFirst(Math.Min(most, again - template.Fresh.First));
    }

    /// <summary>
    /// Call before something of a job changes that is a part of the classes of its tasks, or that decides whether any
    /// of it may start; afterwards <see cref="Requeue(Job)"/>.
    /// </summary>
    public void Dequeue(Job job)
    {
        foreach (var gone in _classes.RemoveAll(job))
        {
            WaitsNoMore(gone);
        }
    }

    /// <summary>
    /// Call after <see cref="Dequeue(Job)"/>, or when a job begins that nothing was queued of. A million templates that
    /// are alike cost little more than one.
    /// </summary>
    public void Requeue(Job job)
    {
        foreach (var section in job.Sections)
        {
            section.GoBack();
            Touch(section.Spec.Node);
        }

        _classes.AddAll(job);
    }

    private void Dequeue(Template template)
    {
        if (_classes.Remove(template) is { } gone)
        {
            WaitsNoMore(gone);
        }
    }

    /// <summary>A node that is kept for the class may be given to others.</summary>
    private void WaitsNoMore(ClassKey key)
    {
        if (_reservations.OfClass(key) is var (node, _))
        {
            Touch(node);
        }
    }
}
