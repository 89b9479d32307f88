using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>A template of a job and the tasks that are made from it. Does not change.</summary>
public sealed class TemplatePlace
{
    private readonly IndexLookup? _indices;
    private readonly EntryLookup? _entries;
    private TaskTemplate? _forNodes;
    private TemplateTexts? _texts;

    internal TemplatePlace(int number, TaskTemplate template, int firstTask, string? node, int firstInList)
    {
        Number = number;
        Template = template;
        FirstTask = firstTask;
        Node = node;
        FirstInList = firstInList;
        _indices = template.Array is null ? null : new IndexLookup(template.Array);
        _entries = template.Axes.Count == 0 ? null : new EntryLookup(template);
        Count = checked((int)(_indices?.Count ?? _entries?.Count ?? 1));
    }

    /// <summary>From 0, in the order of task numbers.</summary>
    public int Number { get; }

    public TaskTemplate Template { get; }

    /// <summary>Number of its first task.</summary>
    public int FirstTask { get; }

    public int LastTask => FirstTask + Count - 1;

    /// <summary>How many tasks: 1, or the indices of its array or its entries.</summary>
    public int Count { get; }

    /// <summary>The node whose list it is in; null where any fitting node may take it.</summary>
    public string? Node { get; }

    /// <summary>Place of its first task in the node's list, from 1; 0 without a node.</summary>
    public int FirstInList { get; }

    /// <summary>How many attempts may follow the first failed one of a task.</summary>
    public int Retries => Template.Retry is { HasRetries: true } given ? given.Retries : Node is null ? 0 : JobLimits.DefaultQueueRetries;

    /// <summary>The array index of one of its tasks, or the place of its entry, from 1; null where it has neither.</summary>
    /// <param name="task">From <see cref="FirstTask"/> to <see cref="LastTask"/>.</param>
    public long? IndexOf(int task)
    {
        var offset = Offset(task);
        return _indices?.At(offset) ?? (_entries is null ? null : offset + 1);
    }

    /// <summary>The entry of one of its tasks; null where it has none.</summary>
    /// <param name="task">From <see cref="FirstTask"/> to <see cref="LastTask"/>.</param>
    public TaskEntry? EntryOf(int task)
    {
        var offset = Offset(task);
        return _entries?.At(offset);
    }

    /// <summary>Its texts, in which the marks of its tasks are replaced. Taken apart when they are first asked for.</summary>
    public TemplateTexts Texts => _texts ??= new TemplateTexts(Template);

    /// <summary>What the marks of one of its tasks stand for.</summary>
    /// <param name="task">From <see cref="FirstTask"/> to <see cref="LastTask"/>.</param>
    public MarkValues ValuesOf(int task) => new(IndexOf(task), EntryOf(task));

    /// <summary>The template as nodes get it: with what its needs mean where it says nothing, and without its entries, which go with the grants.</summary>
    /// <remarks>A task of a list asks for no cpus, and the node must know that too.</remarks>
    public TaskTemplate ForNodes => _forNodes ??= MakeForNodes();

    private TaskTemplate MakeForNodes()
    {
        var hasUnsaidNeeds = Node is not null && Template.Needs is not { HasMilliCpus: true };
        if (!hasUnsaidNeeds && _entries is null)
            return Template;

        var spec = EntryAxes.WithoutValues(Template);
        if (hasUnsaidNeeds)
        {
            spec.Needs ??= new Needs();
            spec.Needs.MilliCpus = 0;
        }

        return spec;
    }

    /// <summary>The n of <c>out&lt;n&gt;.txt</c>: the place in the node's list, or without one the number of the task.</summary>
    /// <param name="task">From <see cref="FirstTask"/> to <see cref="LastTask"/>.</param>
    public int OutputNumber(int task) => Node is null ? task : FirstInList + Offset(task);

    private int Offset(int task)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(task, FirstTask);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(task, LastTask);
        return task - FirstTask;
    }
}
