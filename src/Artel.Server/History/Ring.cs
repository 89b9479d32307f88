namespace Artel.Server.History;

/// <summary>The last values of many, in order. Never larger than it was made.</summary>
internal sealed class Ring<T>(int size)
    where T : struct
{
    private readonly T[] _values = new T[size];
    private int _start;

    public int Count { get; private set; }

    /// <param name="place">From 0, the oldest one.</param>
    public T this[int place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)place, (uint)Count);
            return _values[(_start + place) % size];
        }
    }

    /// <summary>Takes the place of the oldest one where the ring is full.</summary>
    public void Add(T value)
    {
        _values[(_start + Count) % size] = value;
        if (Count < size)
        {
            Count++;
        }
        else
        {
            _start = (_start + 1) % size;
        }
    }

    /// <summary>The ring must not be empty.</summary>
    public void RemoveLast() => Count = Count > 0 ? Count - 1 : throw new InvalidOperationException("the ring is empty");
}
