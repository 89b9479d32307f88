using System.Diagnostics.CodeAnalysis;

namespace Artel.Core;

/// <summary>Something about those tasks of a job of which there is something to know, by task number.</summary>
/// <param name="inOrder">
/// True if the tasks of a range are to be found without a look at all others. It costs a little with each task that
/// comes or goes.
/// </param>
internal sealed class SparseTasks<T>(bool inOrder = false)
{
    private readonly Dictionary<int, T> _values = [];

    /// <summary>The tasks in order, if they are kept so. Most of these sets stay empty: they do without.</summary>
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
    /// How many tasks of a range there is something of, counted no further than <paramref name="most"/>.
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
    /// Which tasks of a range there is something of, in order. Costs what there are of them, or, if they are not kept
    /// in order, as much as the smaller of the two is large.
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
