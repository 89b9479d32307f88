using System.Globalization;

namespace Artel.Node.Work;

/// <summary>One gpu of the node, and how much of it no task has.</summary>
/// <param name="name">By which programs are told to use it.</param>
/// <param name="milli">1000, or less for the last one of a node with a fraction of a gpu.</param>
internal sealed class Gpu(string name, int milli)
{
    public const int Whole = 1000;

    public string Name => name;

    public int Milli { get; } = milli;

    public int FreeMilli { get; set; } = milli;
}

/// <summary>
/// Hands out gpus, each by itself. A task with whole ones has them alone; a fraction shares its gpu with other fractions, and goes where it
/// leaves the least, so that whole ones stay whole. Callers take turns.
/// </summary>
internal sealed class GpuPool
{
    private readonly Gpu[] _gpus;

    /// <param name="milliGpus">Of all together.</param>
    /// <param name="names">Where they are not enough, it is the index instead: a name and an index may mean the same gpu.</param>
    public GpuPool(int milliGpus, IReadOnlyList<string> names) => _gpus =
    [
        .. Enumerable.Range(0, Count(milliGpus)).Select(i => new Gpu(
            names.Count >= Count(milliGpus) ? names[i] : i.ToString(CultureInfo.InvariantCulture), Math.Min(Gpu.Whole, milliGpus - (i * Gpu.Whole)))),
    ];

    public bool IsEmpty => _gpus.Length == 0;

    public bool Fits(int milli) => milli == 0 || IsMet(milli, g => g.FreeMilli);

    /// <summary>Whether it would fit if nothing were taken.</summary>
    public bool CanEverFit(int milli) => milli == 0 || IsMet(milli, g => g.Milli);

    /// <summary>Call it where <see cref="Fits"/> holds.</summary>
    public IReadOnlyList<Gpu> Take(int milli)
    {
        var taken = milli switch
        {
            0 => [],
            < Gpu.Whole => [_gpus.Where(g => g.FreeMilli >= milli).MinBy(g => g.FreeMilli)!],
            _ => _gpus.Where(g => g.FreeMilli == Gpu.Whole).Take(Count(milli)).ToArray(),
        };
        foreach (var gpu in taken)
            gpu.FreeMilli -= Math.Min(milli, Gpu.Whole);

        return taken;
    }

    public static void GiveBack(IReadOnlyList<Gpu> taken, int milli)
    {
        foreach (var gpu in taken)
            gpu.FreeMilli += Math.Min(milli, Gpu.Whole);
    }

    private bool IsMet(int milli, Func<Gpu, int> has) => milli < Gpu.Whole
        ? _gpus.Any(g => has(g) >= milli)
        : _gpus.Count(g => has(g) == Gpu.Whole) >= Count(milli);

    private static int Count(int milli) => (milli + Gpu.Whole - 1) / Gpu.Whole;
}
