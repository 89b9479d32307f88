using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>Jobs that have something in common, counted together.</summary>
/// <param name="Key">What they have in common; empty: nothing of that kind.</param>
/// <param name="States">How many are in each state, only what there is.</param>
/// <param name="Tasks">Their tasks; scaled where there are more than a count holds, so that a bar still shows them in proportion.</param>
/// <param name="TaskCount">How many tasks they have in all.</param>
public sealed record JobGroup(string Key, int Jobs, IReadOnlyList<(JobState State, int Count)> States, TaskCounts Tasks, long TaskCount, long EndedCount)
{
    public string Percent => TaskCount == 0 ? "100%" : FormattableString.Invariant($"{EndedCount * 100 / TaskCount}%");

    /// <summary>Groups with the most jobs first. A job with several tags is in several groups.</summary>
    public static IReadOnlyList<JobGroup> Of(IEnumerable<Job> jobs, JobGrouping grouping) =>
    [
        .. jobs.SelectMany(job => KeysOf(job, grouping).Select(key => (Key: key, Job: job)))
            .GroupBy(pair => pair.Key, pair => pair.Job, StringComparer.Ordinal)
            .Select(group => Sum(group.Key, [.. group]))
            .OrderByDescending(group => group.Jobs).ThenBy(group => group.Key, StringComparer.Ordinal),
    ];

    /// <summary>The list of the jobs in it.</summary>
    public JobsView Narrow(JobsView view, JobGrouping grouping) => grouping switch
    {
        JobGrouping.Name => view with { Grouping = JobGrouping.None, Search = $"\"{Key}\"" },
        JobGrouping.User => view with { Grouping = JobGrouping.None, User = JobsView.Exactly(Key), Mine = false },
        _ => view with { Grouping = JobGrouping.None, Tag = Key },
    };

    private static IEnumerable<string> KeysOf(Job job, JobGrouping grouping) => grouping switch
    {
        JobGrouping.Name => [job.Name],
        JobGrouping.User => [job.User],
        _ => job.Tags.Count > 0 ? job.Tags.Distinct() : [""],
    };

    private static JobGroup Sum(string key, IReadOnlyList<Job> jobs)
    {
        var total = Total(c => c.Total);
        var scale = Math.Max(1, (total / int.MaxValue) + 1);
        var tasks = new TaskCounts
        {
            Total = Scaled(c => c.Total),
            Waiting = Scaled(c => c.Waiting),
            Ready = Scaled(c => c.Ready),
            Leased = Scaled(c => c.Leased),
            Running = Scaled(c => c.Running),
            Succeeded = Scaled(c => c.Succeeded),
            Failed = Scaled(c => c.Failed),
            Cancelled = Scaled(c => c.Cancelled),
            Skipped = Scaled(c => c.Skipped),
        };
        var states = JobsView.AllStates.Select(s => (s, jobs.Count(j => j.State == s))).Where(p => p.Item2 > 0).ToList();
        return new JobGroup(key, jobs.Count, states, tasks, total, jobs.Sum(j => (long)JobText.Ended(j.Counts)));

        long Total(Func<TaskCounts, int> count) => jobs.Sum(j => j.Counts is { } c ? (long)count(c) : 0);

        int Scaled(Func<TaskCounts, int> count) => (int)(Total(count) / scale);
    }
}
