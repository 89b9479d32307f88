using Artel.Chaos.Workload;

namespace Artel.Chaos.History;

/// <summary>How much was done, and how long something stood still. Nothing in it is right or wrong.</summary>
/// <param name="Unanswered">Submissions that got no answer.</param>
/// <param name="Exclusive">Exclusive tasks.</param>
/// <param name="Killed">Processes that did not reach their end.</param>
/// <param name="RanAgain">Processes that reached the end of a task whose accepted result is of another one.</param>
/// <param name="SideBySide">Processes of ordinary tasks that began while another of the same task lived, which is allowed.</param>
/// <param name="Accepted">Accepted final results.</param>
/// <param name="GivenUp">Attempts given up because of a node's loss.</param>
/// <param name="LongestStuck">Longest time in which a task that could have run did nothing, in seconds; its name.</param>
internal sealed record Figures(
    int Jobs, int Unanswered, int Tasks, int Exclusive, int Attempts, int Runs, int Killed, int RanAgain, int SideBySide, int Accepted,
    int GivenUp, double LongestStuck, string StuckTask)
{
    public static Figures Of(Records records)
    {
        var tasks = records.Jobs.SelectMany(j => j.Tasks.Select(t => (Key: new TaskKey(j.Id, t.Number), Task: t))).ToList();
        var attempts = tasks.SelectMany(t => t.Task.Attempts).ToList();
        var accepted = tasks.SelectMany(t => t.Task.Attempts.Where(a => a.Outcome is Outcome.Succeeded or Outcome.Failed).Select(a => (t.Key, a.Number, a.Node))).ToHashSet();
        var exclusive = Plans(records).Where(p => p.Plan.Work.Exclusive).Select(p => p.Key).ToHashSet();
        var (stuck, longest) = Stuck(records);
        return new Figures(
            records.Jobs.Count,
            records.Submissions.Count(s => s.Answers.Count == 0),
            tasks.Count,
            exclusive.Count,
            attempts.Count,
            records.Runs.Count,
            records.Runs.Count(r => r.End is null),
            records.Runs.Count(r => r.End is not null && !accepted.Contains((r.Task, r.Attempt, r.Node))),
            records.Runs.Count(r => r.Overlapped && !exclusive.Contains(r.Task)),
            tasks.Sum(t => t.Task.Results.Count(r => r.Task is Outcome.Succeeded or Outcome.Failed)),
            attempts.Count(a => a.Outcome == Outcome.GivenUp),
            longest,
            stuck);
    }

    /// <summary>
    /// The longest time from when a task could run, or from the last sign of its last process, to its next process. Of a process that
    /// was killed the last sign is its start.
    /// </summary>
    private static (string Task, double Seconds) Stuck(Records records)
    {
        var runs = records.Runs.ToLookup(r => r.Task);
        var longest = (Task: "none", Seconds: 0.0);
        foreach (var (key, plan, submitted, before) in Plans(records))
        {
            var last = before.SelectMany(number => runs[key with { Task = number }]).Select(r => r.End ?? r.Start).Append(submitted).Max();
            foreach (var run in runs[key].OrderBy(r => r.Start))
            {
                if (run.Start - last > longest.Seconds)
                    longest = (key.ToString(), run.Start - last);

                last = Math.Max(last, run.End ?? run.Start);
            }
        }

        return longest;
    }

    /// <summary>Each task with what it waits for: what it comes after, or those before it in its list.</summary>
    private static IEnumerable<(TaskKey Key, PlannedTask Plan, double Submitted, IEnumerable<int> Before)> Plans(Records records)
    {
        var submissions = records.Submissions.ToDictionary(s => s.Name);
        foreach (var job in records.Jobs.Where(j => submissions.ContainsKey(j.Name)))
        {
            var (_, plans, _, at) = submissions[job.Name];
            foreach (var plan in plans)
            {
                var list = plans.Where(p => plan.Node is not null && p.Node == plan.Node && p.Number < plan.Number).Select(p => p.Number);
                yield return (new TaskKey(job.Id, plan.Number), plan, at, plan.After.Concat(list));
            }
        }
    }
}
