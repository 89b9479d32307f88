using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>What can be done to a job of the list, and to several.</summary>
public enum JobVerb
{
    Cancel,
    RetryFailed,

    /// <summary>Of a job that has ended, whose cancelled tasks are all that it has not done.</summary>
    RetryCancelled,
    Hold,
    Release,
    SetPriority,
}

/// <summary>The words of verbs, and which jobs they are for.</summary>
internal static class JobVerbs
{
    public static readonly IReadOnlyList<JobVerb> All = [JobVerb.Hold, JobVerb.Release, JobVerb.SetPriority, JobVerb.RetryFailed, JobVerb.Cancel];

    public static string Label(JobVerb verb) => verb switch
    {
        JobVerb.Cancel => "Cancel",
        JobVerb.RetryFailed => "Retry failed tasks",
        JobVerb.RetryCancelled => "Retry cancelled tasks",
        JobVerb.Hold => "Hold",
        JobVerb.Release => "Release",
        _ => "Set priority",
    };

    /// <summary><c>3 jobs cancelled</c>.</summary>
    public static string Said(JobVerb verb, int jobs) => $"{Words.Count(jobs, "job", "jobs")} {verb switch
    {
        JobVerb.Cancel => "cancelled",
        JobVerb.RetryFailed => jobs == 1 ? "retries its failed tasks" : "retry their failed tasks",
        JobVerb.RetryCancelled => jobs == 1 ? "goes on with its cancelled tasks" : "go on with their cancelled tasks",
        JobVerb.Hold => "held: nothing more of them starts",
        JobVerb.Release => "released",
        _ => jobs == 1 ? "has another priority" : "have another priority",
    }}";

    /// <summary>Whether it makes sense for this job as it was last seen. The cluster decides.</summary>
    public static bool Fits(JobVerb verb, Job job) => verb switch
    {
        JobVerb.RetryFailed => job.Counts is { Failed: > 0 },
        JobVerb.RetryCancelled => JobText.HasEnded(job.State) && job.Counts is { Failed: 0, Cancelled: > 0 },
        JobVerb.Hold => !JobText.HasEnded(job.State) && !job.Held,
        JobVerb.Release => JobText.IsHeld(job),
        _ => !JobText.HasEnded(job.State),
    };
}
