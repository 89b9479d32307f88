namespace Artel.Server.History;

/// <summary>The last values of many, in order. It takes room as it needs it, and never more than it was made for.</summary>
internal sealed class Ring<T>(int size)
    where T : struct
{
    private const int FirstRoom = 8;

    private T[] _values = [];
    private int _start;

    public int Count { get; private set; }

    /// <param name="place">From 0, the oldest one.</param>
    public T this[int place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)place, (uint)Count);
            return _values[(_start + place) % _values.Length];
        }
    }

    /// <summary>Takes the place of the oldest one where the ring is full.</summary>
    public void Add(T value)
    {
        if (Count == size)
        {
            RemoveFirst();
        }
        else if (Count == _values.Length)
        {
            Grow();
        }

        _values[(_start + Count) % _values.Length] = value;
        Count++;
    }

    /// <summary>The ring must not be empty.</summary>
    public void RemoveFirst()
    {
        RemoveLast();
        _start = (_start + 1) % _values.Length;
    }

    /// <summary>The ring must not be empty.</summary>
    public void RemoveLast() => Count = Count > 0 ? Count - 1 : throw new InvalidOperationException("the ring is empty");

    private void Grow()
    {
        T[] values = [.. Enumerable.Range(0, Count).Select(place => this[place])];
        Array.Resize(ref values, Math.Min(size, Math.Max(FirstRoom, 2 * Count)));
        (_values, _start) = (values, 0);
    }
}
