using System.Diagnostics.CodeAnalysis;

namespace Artel.Core;

/// <summary>Something about those tasks of a job of which there is something to know, by task number.</summary>
/// <param name="inOrder">
/// True if the tasks of a range must be found without looking at all others. This makes adding and removing a task a
/// little slower.
/// </param>
internal sealed class SparseTasks<T>(bool inOrder = false)
{
    private readonly Dictionary<int, T> _values = [];

    /// <summary>The tasks in order; null until there is one, since most of these sets stay empty.</summary>
    private IndexRanges? _tasks;

    public int Count => _values.Count;

    /// <summary>In no order.</summary>
    public Dictionary<int, T> Values => _values;

    public T this[int task]
    {
        get => _values[task];
        set
        {
            _values[task] = value;
            if (inOrder)
            {
                (_tasks ??= new()).Add(task);
            }
        }
    }

    public bool Contains(int task) => _values.ContainsKey(task);

    public bool TryGet(int task, [MaybeNullWhen(false)] out T value) => _values.TryGetValue(task, out value);

    public bool Remove(int task)
    {
        if (!_values.Remove(task))
        {
            return false;
        }

        _tasks?.Remove(task);
        return true;
    }

    public void Remove(TaskRange tasks)
    {
        foreach (var task in Within(tasks))
        {
            Remove(task);
        }
    }

    /// <summary>
    /// How many tasks of a range have an entry, counted up to <paramref name="most"/>.
    /// </summary>
    public int CountWithin(TaskRange tasks, int most)
    {
        if (_values.Count == 0)
        {
            return 0;
        }

        if (_tasks is null)
        {
            return Math.Min(most, Within(tasks).Length);
        }

        var count = 0;
        foreach (var range in _tasks.Each(tasks))
        {
            count += range.Count;
            if (count >= most)
            {
                return most;
            }
        }

        return count;
    }

    /// <summary>
    /// The tasks of a range that have an entry, in order. If they are kept in order, the cost depends on their number;
    /// otherwise on the size of the range or of the whole, whichever is smaller.
    /// </summary>
    public int[] Within(TaskRange tasks)
    {
        if (_values.Count == 0)
        {
            return [];
        }

        if (tasks.Count == 1)
        {
            return _values.ContainsKey(tasks.First) ? [tasks.First] : [];
        }

        var numbers = new List<int>();
        if (_tasks is not null)
        {
            foreach (var range in _tasks.Each(tasks))
            {
                numbers.AddRange(Enumerable.Range(range.First, range.Count));
            }

            return [.. numbers];
        }

        if (tasks.Count <= _values.Count)
        {
            for (var task = tasks.First; task <= tasks.Last; task++)
            {
                if (_values.ContainsKey(task))
                {
                    numbers.Add(task);
                }
            }

            return [.. numbers];
        }

        foreach (var task in _values.Keys)
        {
            if (tasks.Contains(task))
            {
                numbers.Add(task);
            }
        }

        numbers.Sort();
        return [.. numbers];
    }
}
