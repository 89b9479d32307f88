namespace Artel.Bench;

/// <summary>What a benchmark is told.</summary>
/// <param name="Scale">Part of the full size: 0.1 does a tenth of the work.</param>
/// <param name="Pairs">Of measurements that are compared, A B A B …</param>
/// <param name="InstallPeers">Install other programs from Debian's packages.</param>
/// <param name="Extra">A benchmark's own choice, such as the number of nodes; null: its usual.</param>
internal sealed record BenchOptions(double Scale, int Pairs, bool InstallPeers, int? Extra)
{
    /// <exception cref="Cluster.BenchException">One of them makes no sense.</exception>
    public BenchOptions Checked() => this switch
    {
        { Scale: not (> 0 and <= 1) } => throw new Cluster.BenchException("--scale is more than 0 and at most 1"),
        { Pairs: < 1 } => throw new Cluster.BenchException("--pairs is at least 1"),
        { Extra: < 1 } => throw new Cluster.BenchException("--of is at least 1"),
        _ => this,
    };

    /// <summary>A number of the full size, scaled down; at least <paramref name="least"/>.</summary>
    public int Of(int full, int least = 1) => Math.Max(least, (int)(full * Scale));
}
