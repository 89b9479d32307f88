namespace Artel.Node.Work;

/// <summary>Which ones of the node's things an attempt has, where it does not only count how many.</summary>
/// <param name="Gpus">With whole gpus its own, with a fraction one that it shares.</param>
/// <param name="Cpus">Of a pinned task its own. Else empty.</param>
internal sealed record Allotment(IReadOnlyList<Gpu> Gpus, IReadOnlyList<int> Cpus)
{
    /// <summary>Of a task that asks for no such thing, as most do.</summary>
    public static Allotment None { get; } = new([], []);
}
