using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>A template of a job and the tasks that are made from it. Immutable.</summary>
public sealed class TemplatePlace
{
    private readonly IndexLookup? _indices;

    internal TemplatePlace(int number, TaskTemplate template, int firstTask, string? node, int firstInList)
    {
        Number = number;
        Template = template;
        FirstTask = firstTask;
        Node = node;
        FirstInList = firstInList;
        _indices = template.Array is null ? null : new IndexLookup(template.Array);
        Count = _indices is null ? 1 : checked((int)_indices.Count);
    }

    /// <summary>From 0, in the order of task numbers.</summary>
    public int Number { get; }

    public TaskTemplate Template { get; }

    /// <summary>Number of its first task.</summary>
    public int FirstTask { get; }

    public int LastTask => FirstTask + Count - 1;

    /// <summary>How many tasks: 1, or the indices of its array.</summary>
    public int Count { get; }

    /// <summary>The node whose list it is in; null where any fitting node may take it.</summary>
    public string? Node { get; }

    /// <summary>Place of its first task in the node's list, from 1; 0 without a node.</summary>
    public int FirstInList { get; }

    /// <summary>The array index of one of its tasks; null where it is no array.</summary>
    /// <param name="task">From <see cref="FirstTask"/> to <see cref="LastTask"/>.</param>
    public long? IndexOf(int task)
    {
        var offset = Offset(task);
        return _indices?.At(offset);
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
