using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Overview;

/// <summary>How many jobs there are. Counted from lists, which are bounded: <c>More</c> says that there are more.</summary>
public sealed record JobFigures((long Count, bool More) Running, (long Count, bool More) Waiting, (long Count, bool More) Failed)
{
    public static JobFigures Of(ClusterStatus status, ListJobsReply running, ListJobsReply failed) => new(
        (running.Jobs.Count, running.More),
        // All that are unfinished are known, so what does not run waits; at most, where not all that run were counted.
        (Math.Max(0, status.JobsActive - running.Jobs.Count), false),
        (failed.Jobs.Count, failed.More));
}
