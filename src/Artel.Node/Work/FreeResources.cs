using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Node.Work;

/// <summary>What of the node's resources no running task occupies. Callers take turns.</summary>
internal sealed class FreeResources(Resources total)
{
    private readonly Dictionary<string, long> _counters = new(total.Counters);
    private int _milliCpus = total.MilliCpus;
    private long _memoryBytes = total.MemoryBytes;
    private int _milliGpus = total.MilliGpus;

    public bool Fits(LocalNeeds needs)
    {
        if (needs.MilliCpus > _milliCpus || needs.MemoryBytes > _memoryBytes || needs.MilliGpus > _milliGpus)
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

        foreach (var (name, count) in needs.Counters)
        {
            var has = total.Counters.TryGetValue(name, out var value) ? value : 0;
            if (count > has)
                return Text($"it needs {count} of '{name}', this node has {has}");
        }

        return null;
    }

    public void Take(LocalNeeds needs) => Change(needs, -1);

    public void GiveBack(LocalNeeds needs) => Change(needs, +1);

    private void Change(LocalNeeds needs, int sign)
    {
        _milliCpus += sign * needs.MilliCpus;
        _memoryBytes += sign * needs.MemoryBytes;
        _milliGpus += sign * needs.MilliGpus;
        foreach (var (name, count) in needs.Counters)
            _counters[name] = _counters.GetValueOrDefault(name) + (sign * count);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
