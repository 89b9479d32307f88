namespace Artel.Node.Work;

/// <summary>Hands out cpus to pinned tasks, each to one at a time. Callers take turns.</summary>
/// <param name="cpus">Numbers of those that there are, rising. Empty where no task can be pinned.</param>
internal sealed class CpuPool(IReadOnlyList<int> cpus)
{
    private readonly List<int> _free = [.. cpus];

    public int Count => cpus.Count;

    public bool Fits(int count) => count <= _free.Count;

    /// <summary>
    /// Neighbours where there are so many, the first such: the system numbers cpus by core and by node of memory, so neighbours mostly
    /// share a cache. Else the first that are free. Call it where <see cref="Fits"/> holds.
    /// </summary>
    public IReadOnlyList<int> Take(int count)
    {
        var start = 0;
        for (var i = 1; i < _free.Count && i - start < count; i++)
        {
            if (_free[i] != _free[i - 1] + 1)
                start = i;
        }

        start = start + count <= _free.Count ? start : 0;
        var taken = _free.GetRange(start, count);
        _free.RemoveRange(start, count);
        return taken;
    }

    public void GiveBack(IReadOnlyList<int> taken)
    {
        _free.AddRange(taken);
        _free.Sort();
    }
}
