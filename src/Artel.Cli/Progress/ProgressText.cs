using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Cli.Progress;

/// <summary>Lines about the progress of a job.</summary>
internal static class ProgressText
{
    private const int TitleLength = 60;

    /// <summary><c>job 3: 1,200 of 10,000 done (12%), 4 failed, 230/s, 38.3 s left</c></summary>
    public static string Line(Job job, RateMeter meter)
    {
        var counts = job.Counts ?? new TaskCounts();
        var ended = JobText.Ended(counts);
        var parts = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"job {job.Id}: {Words.Count(ended)} of {Words.Count(counts.Total)} done ({Percent(ended, counts.Total)})"),
        };
        if (ended > counts.Succeeded)
            parts.Add(JobText.NotSucceeded(counts));

        if (meter.PerSecond > 0)
            parts.Add(Rate(meter.PerSecond));

        if (meter.TimeFor(counts.Total - ended) is { } left)
            parts.Add($"{Words.Duration(left)} left");

        return string.Join(", ", parts);
    }

    /// <summary><c>task 3 succeeded on 1 in 0.20 s: ./simulate --seed 3</c></summary>
    public static string Ended(WireTask task)
    {
        var last = JobText.LastAttempt(task);
        var how = task.State switch
        {
            TaskState.Failed when last is not null => $"failed ({Outcomes.Describe(last)}{(task.AttemptCount > 1 ? $", attempt {task.AttemptCount}" : "")})",
            TaskState.Skipped => $"skipped ({task.Reason})",
            _ => StateWords.Of(task.State),
        };
        var where = last is null ? "" : $" on {last.Node}";
        var wall = Outcomes.Wall(last) is { } time ? $" in {Words.Duration(time)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"task {task.Number} {how}{where}{wall}: {Words.Cut(JobText.Title(task), TitleLength)}");
    }

    public static string Rate(double perSecond) => perSecond switch
    {
        >= 100 => string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0}/s"),
        >= 1 => string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.0}/s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{perSecond * 60:0.0}/min"),
    };

    /// <summary><c>230/s, 38.3 s left</c>; empty while there is too little to tell.</summary>
    public static string RateAndRest(RateMeter meter, long rest)
    {
        if (meter.PerSecond <= 0)
            return "";

        var left = rest > 0 && meter.TimeFor(rest) is { } time ? $", {Words.Duration(time)} left" : "";
        return Rate(meter.PerSecond) + left;
    }

    public static string Percent(long part, long whole) =>
        // Rounded down: 100% is said only of all.
        whole == 0 ? "100%" : string.Create(CultureInfo.InvariantCulture, $"{part * 100 / whole}%");
}
