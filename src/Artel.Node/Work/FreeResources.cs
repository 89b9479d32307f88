using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>What of the node's resources no running task occupies. Callers take turns.</summary>
/// <param name="total">Of the node.</param>
/// <param name="gpus">Names of its gpus, as far as they have any.</param>
/// <param name="cpus">Numbers of the cpus that tasks can be pinned to.</param>
internal sealed class FreeResources(Resources total, IReadOnlyList<string> gpus, IReadOnlyList<int> cpus)
{
    private readonly GpuPool _gpus = new(total.MilliGpus, gpus);
    private readonly CpuPool _cpus = new(cpus);
    private readonly Dictionary<string, long> _counters = new(total.Counters);
    private int _milliCpus = total.MilliCpus;
    private long _memoryBytes = total.MemoryBytes;

    public bool HasGpus => !_gpus.IsEmpty;

    public bool Fits(LocalNeeds needs)
    {
        if (needs.MilliCpus > _milliCpus || needs.MemoryBytes > _memoryBytes || !_gpus.Fits(needs.MilliGpus) || !_cpus.Fits(needs.PinnedCpus))
            return false;

        foreach (var (name, count) in needs.Counters)
        {
            if (count > _counters.GetValueOrDefault(name))
                return false;
        }

        return true;
    }

    /// <summary>Why these needs can not be met even by an idle node, or null where they can.</summary>
    public string? NeverFits(LocalNeeds needs)
    {
        if (needs.MilliCpus > total.MilliCpus)
            return Text($"it needs {needs.MilliCpus / 1000.0} cpus, this node has {total.MilliCpus / 1000.0}");

        if (needs.MemoryBytes > total.MemoryBytes)
            return Text($"it needs {needs.MemoryBytes} bytes of memory, this node has {total.MemoryBytes}");

        if (needs.MilliGpus > total.MilliGpus)
            return Text($"it needs {needs.MilliGpus / 1000.0} gpus, this node has {total.MilliGpus / 1000.0}");

        if (!_gpus.CanEverFit(needs.MilliGpus))
            return Text($"it needs {needs.MilliGpus / 1000.0} gpus, and no gpu of this node has so much by itself: it has {total.MilliGpus / 1000.0} in all");

        if (needs.PinnedCpus > _cpus.Count)
        {
            return _cpus.Count == 0
                ? "it is to be pinned to its cpus, which this node can not do: only Linux has what it takes"
                : Text($"it is to have {needs.PinnedCpus} cpus of its own, this node has {_cpus.Count}");
        }

        foreach (var (name, count) in needs.Counters)
        {
            var has = total.Counters.TryGetValue(name, out var value) ? value : 0;
            if (count > has)
                return Text($"it needs {count} of '{name}', this node has {has}");
        }

        return null;
    }

    /// <summary>Call it where <see cref="Fits"/> holds, or these needs can never be met and their task is not started.</summary>
    public Allotment Take(LocalNeeds needs)
    {
        Change(needs, -1);
        return needs is { MilliGpus: 0, PinnedCpus: 0 } || NeverFits(needs) is not null
            ? Allotment.None
            : new Allotment(_gpus.Take(needs.MilliGpus), _cpus.Take(needs.PinnedCpus));
    }

    public void GiveBack(LocalNeeds needs, Allotment allotment)
    {
        Change(needs, +1);
        if (allotment == Allotment.None)
            return;

        GpuPool.GiveBack(allotment.Gpus, needs.MilliGpus);
        _cpus.GiveBack(allotment.Cpus);
    }

    private void Change(LocalNeeds needs, int sign)
    {
        _milliCpus += sign * needs.MilliCpus;
        _memoryBytes += sign * needs.MemoryBytes;
        foreach (var (name, count) in needs.Counters)
            _counters[name] = _counters.GetValueOrDefault(name) + (sign * count);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
