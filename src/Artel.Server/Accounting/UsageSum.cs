using Artel.Core;

namespace Artel.Server.Accounting;

/// <summary>
/// What attempts used, summed. Times are seconds, so that sums of any size fit: cpu and gpu times one cpu or gpu, memory times one byte.
/// For one thread at a time.
/// </summary>
internal sealed class UsageSum
{
    /// <summary>More cpus than one attempt can keep busy: what a node reports beyond is not believed.</summary>
    private const double MostCpus = 4096;

    /// <summary>Tasks that an attempt ended. One that is retried by hand ends again.</summary>
    public long Tasks { get; set; }

    public long Attempts { get; set; }

    /// <summary>Attempts that failed by themselves.</summary>
    public long Failures { get; set; }

    /// <summary>Attempts that were lost with their node.</summary>
    public long Losses { get; set; }

    public double HeldSeconds { get; set; }

    public double CpuSeconds { get; set; }

    public double GpuSeconds { get; set; }

    public double MemoryByteSeconds { get; set; }

    /// <summary>Processor time, as nodes measured it.</summary>
    public double UsedCpuSeconds { get; set; }

    /// <summary>Counts an attempt that has ended, without its time.</summary>
    public void Count(AttemptEnded ended)
    {
        Attempts++;
        Tasks += ended.Next.HasEnded() ? 1 : 0;
        Losses += ended.Result.Outcome == AttemptOutcome.Lost ? 1 : 0;
        Failures += ended.Result.Outcome is AttemptOutcome.Succeeded or AttemptOutcome.Lost or AttemptOutcome.Moved or AttemptOutcome.Cancelled ? 0 : 1;
    }

    /// <summary>Adds the time of an attempt, or of a part of it.</summary>
    /// <param name="seconds">Of the part.</param>
    /// <param name="usedCpuSeconds">In the part.</param>
    public void Add(in AttemptHolding held, double seconds, double usedCpuSeconds)
    {
        HeldSeconds += seconds;
        CpuSeconds += held.Needs.MilliCpus / 1000d * seconds;
        GpuSeconds += held.Needs.MilliGpus / 1000d * seconds;
        MemoryByteSeconds += held.Needs.MemoryBytes * seconds;
        UsedCpuSeconds += usedCpuSeconds;
    }

    /// <summary>Adds all of an attempt that has ended.</summary>
    public void Add(AttemptEnded ended)
    {
        Count(ended);
        Add(ended.Held, ended.Held.Time.TotalSeconds, UsedBy(ended));
    }

    /// <summary>Processor seconds of an attempt.</summary>
    public static double UsedBy(AttemptEnded ended)
    {
        var usage = ended.Result.Usage;
        return Math.Clamp(usage.User.TotalSeconds + usage.System.TotalSeconds, 0, ended.Held.Time.TotalSeconds * MostCpus);
    }
}
