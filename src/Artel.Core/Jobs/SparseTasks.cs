using System.Diagnostics.CodeAnalysis;

namespace Artel.Core;

/// <summary>Something about those tasks of a job of which there is something to know, by task number.</summary>
internal sealed class SparseTasks<T>
{
    private readonly Dictionary<int, T> _values = [];

    public int Count => _values.Count;

    /// <summary>In no order.</summary>
    public Dictionary<int, T> Values => _values;

    public T this[int task]
    {
        get => _values[task];
        set => _values[task] = value;
    }

    public bool Contains(int task) => _values.ContainsKey(task);

    public bool TryGet(int task, [MaybeNullWhen(false)] out T value) => _values.TryGetValue(task, out value);

    public bool Remove(int task) => _values.Remove(task);

    public void Remove(TaskRange tasks)
    {
        foreach (var task in Within(tasks))
        {
            _values.Remove(task);
        }
    }

    /// <summary>Which tasks of a range there is something of, in order. Costs as much as the smaller of the two is large.</summary>
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
