namespace Artel.Core.Tests;

/// <summary>Holds what the state says of why tasks wait against what they do.</summary>
internal static class Unexplained
{
    /// <summary>
    /// What is wrong: of every job the counted reasons have to add up to its unfinished tasks, those of tasks in flight
    /// to these, and every task that has not
    /// ended has a reason.
    /// </summary>
    public static IEnumerable<string> Of(ClusterState state, DateTimeOffset now)
    {
        foreach (var job in state.Jobs)
        {
            var counts = state.View(job)!.Counts;
            var unfinished = counts.Waiting + counts.Ready + counts.Leased + counts.Running;
            var reasons = state.Explain(job, now)!.Reasons;
            var told = string.Join("; ", reasons.Select(r => $"{r.Tasks} {r.Why}"));
            if (reasons.Sum(r => r.Tasks) != unfinished)
            {
                yield return $"job {job} has {unfinished} unfinished tasks, explained are {reasons.Sum(r => r.Tasks)}: {told}";
            }

            if (reasons.Where(r => r.Why.IsInFlight).Sum(r => r.Tasks) is var inFlight && inFlight != counts.Leased + counts.Running)
            {
                yield return $"job {job} has {counts.Leased + counts.Running} tasks in flight, explained are {inFlight}: {told}";
            }

            if (reasons.Any(r => r.Why is NotExamined or ManyReasons || r.Tasks < 0))
            {
                yield return $"job {job} is not explained: {told}";
            }

            foreach (var task in state.ViewTasks(job, new TaskRange(1, 3)))
            {
                var why = state.Explain(task.Task, now)!;
                if (task.State.HasEnded() ? why.Reasons.Length > 0 : why.Reasons.Length == 0 || why.Reasons[0].Tasks != 1 || why.Reasons[0].Why is NotExamined)
                {
                    yield return $"task {task.Task} is {task.State}: {string.Join("; ", why.Reasons)}";
                }
            }
        }
    }
}
