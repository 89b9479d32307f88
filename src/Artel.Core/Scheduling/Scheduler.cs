using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// Decides which node gets which tasks. It works on classes × nodes and looks again only at what has changed since it looked last:
/// classes that gained tasks, and nodes that gained room.
/// </summary>
internal sealed class Scheduler
{
    private readonly Dictionary<ClassKey, TaskClass> _classes = [];
    private readonly List<TaskClass> _order = [];
    private readonly Dictionary<NodeId, List<Section>> _sections = [];
    private readonly Dictionary<NodeId, SortedSet<(JobId Job, int Task)>> _bound = [];
    private readonly AvoidingTasks _avoiding = new();
    private readonly Reservations _reservations = new();
    private readonly HashSet<NodeId> _touched = [];
    private bool _classesGained;

    /// <summary>The class of the template that was queued last: the next one is mostly alike, and it is not looked for.</summary>
    private TaskClass? _lastClass;

    /// <summary>Whether something may be granted that was not looked at yet.</summary>
    public bool HasNews => _classesGained || _touched.Count > 0;

    /// <summary>Classes with tasks that any fitting node may take. In no order.</summary>
    public IReadOnlyList<TaskClass> Classes => _order;

    /// <summary>Nodes that are kept for large tasks.</summary>
    public Reservations Reservations => _reservations;

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
            var at = sections.FindIndex(s => s.Job.Priority < job.Priority);
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

        foreach (var tasks in _bound.Values)
        {
            tasks.RemoveWhere(t => t.Job == job.Id);
        }
    }

    /// <summary>What limits hold back may have become less: all nodes are to be looked at.</summary>
    public void LookAgain()
    {
        _classesGained = true;
        _touched.UnionWith(_sections.Keys);
        _touched.UnionWith(_bound.Keys);
    }

    /// <summary>Call after tasks of the template became ready or ceased to be, or its job was held or released.</summary>
    public void Requeue(Template template)
    {
        var waits = template.IsWaiting || template.Job.Held;
        if (template.Section is { } section && template.HasStartable)
        {
            section.GoBackTo(template);
            if (!waits)
            {
                Touch(section.Spec.Node);
            }
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
            _classesGained = true;
        }
    }

    public bool Avoids(Template template, int offset, ImmutableArray<NodeId> avoided) => _avoiding.Has(template, offset, avoided);

    /// <summary>A node came, went or changed: tasks that avoid nodes may have others to go to now, or none.</summary>
    public void Reconsider() => _classesGained |= !_avoiding.IsEmpty;

    /// <summary>Grants leases until no node has room for anything that waits.</summary>
    /// <param name="grant">Makes the grant: template, offsets, node. Sets and loads have changed when it returns.</param>
    public void Place(
        Dictionary<NodeId, NodeRecord> nodes, SortedDictionary<JobId, Job> jobs, Action<Template, TaskRange, NodeRecord> grant, DateTimeOffset now)
    {
        _reservations.Clean(
            (id, user) => nodes.TryGetValue(id, out var node) && node.TakesWork && node.StartsOf(user).NextTry is null, _classes.ContainsKey);
        _touched.UnionWith(_reservations.TakeFreed());

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
            _touched.Clear();
            _classesGained = false;

            // A class that has got its room keeps its node from nobody any more.
            _touched.UnionWith(_reservations.TakeFreed());
        }
    }

    private void PlaceOnAny(
        Dictionary<NodeId, NodeRecord> nodes, SortedDictionary<JobId, Job> jobs, Action<Template, TaskRange, NodeRecord> grant, DateTimeOffset now)
    {
        if (_order.Count == 0 && _avoiding.IsEmpty)
        {
            return;
        }

        var candidates = (_classesGained ? nodes.Values : _touched.Where(nodes.ContainsKey).Select(id => nodes[id]))
            .Where(n => n.TakesWork && n.TakesAnyTask).OrderBy(n => n.Busy).ThenBy(n => n.Id).ToArray();
        var avoiding = new AvoidingRound(_avoiding, nodes, jobs, candidates, (n, t) => _reservations.Room(n, t, 1, now) == 1, Grant);
        new ClassRound(_order, nodes, candidates, _reservations, avoiding, Grant, now).Place();

        void Grant(Template template, TaskRange offsets, NodeRecord node)
        {
            _reservations.Pass(node.Id, template, offsets.Count);
            grant(template, offsets, node);
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

    private void Enqueue(Template template)
    {
        if (template.QueuedIn is not null)
        {
            return;
        }

        var key = ClassKey.Of(template);
        var taskClass = _lastClass;
        if (taskClass is { IsEmpty: false } && taskClass.Key.Equals(key))
        {
            taskClass.Add(template);
            template.QueuedIn = taskClass;
            return;
        }

        if (!_classes.TryGetValue(key, out taskClass))
        {
            _classes[key] = taskClass = new TaskClass(key);
            _order.Add(taskClass);
        }

        taskClass.Add(template);
        template.QueuedIn = _lastClass = taskClass;
    }

    /// <summary>Call before something of the template changes that makes up its class; afterwards <see cref="Requeue"/>.</summary>
    public void Dequeue(Template template)
    {
        if (template.QueuedIn is not { } taskClass)
        {
            return;
        }

        taskClass.Remove(template);
        template.QueuedIn = null;
        if (taskClass.IsEmpty)
        {
            _classes.Remove(taskClass.Key);
            _order.Remove(taskClass);
        }
    }
}
