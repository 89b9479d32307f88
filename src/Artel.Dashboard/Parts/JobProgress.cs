using System.Globalization;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Parts;

/// <summary>How far a job has come.</summary>
internal static class JobProgress
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Rounded down: 100% is said only of all.</summary>
    public static string Percent(TaskCounts? counts)
    {
        var whole = counts?.Total ?? 0;
        return whole == 0 ? "100%" : string.Create(CultureInfo.InvariantCulture, $"{JobText.Ended(counts) * 100L / whole}%");
    }

    /// <summary>
    /// Until it ends, if it goes on as it did so far; null where that can not be said: nothing has ended yet, or nothing runs now.
    /// </summary>
    public static TimeSpan? TimeLeft(Job job, DateTimeOffset now)
    {
        var ended = JobText.Ended(job.Counts);
        if (job.State != JobState.Running || job.Started is null || job.Held || ended == 0 || job.Counts.Running + job.Counts.Leased == 0)
        {
            return null;
        }

        var ran = now - job.Started.ToDateTimeOffset();
        var seconds = ran.TotalSeconds * (job.Counts.Total - ended) / ended;
        return seconds >= 0 && seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>Its name, or its number where it has none.</summary>
    public static string Title(Job job) => job.Name.Length > 0 ? job.Name : string.Create(CultureInfo.InvariantCulture, $"job {job.Id}");
}
