namespace Artel.Core.Tests;

/// <summary>Checks the explanations of why tasks wait against the state of the tasks.</summary>
internal static class Unexplained
{
    /// <summary>
    /// What is wrong. The counts of a job's reasons must add up to its unfinished tasks, those of the reasons of tasks
    /// in
    /// flight to the tasks in flight, and every unfinished task must have a reason.
    /// </summary>
    public static IEnumerable<string> Of(ClusterState state, DateTimeOffset now)
    {
        foreach (var job in state.Jobs)
        {
            var counts = state.View(job)!.Counts;
            var unfinished = counts.Waiting + counts.Ready + counts.Leased + counts.Running;
            var reasons = state.Explain(job, now)!.Reasons;
            var explained = reasons.Sum(r => r.Tasks);
            var told = string.Join("; ", reasons.Select(r => $"{r.Tasks} {r.Why}"));
            if (explained != unfinished)
            {
                yield return $"job {job} has {unfinished} unfinished tasks, explained are {explained}: {told}";
            }

            var assigned = counts.Leased + counts.Running;
            var inFlight = reasons.Where(r => r.Why.IsInFlight).Sum(r => r.Tasks);
            if (inFlight != assigned)
            {
                yield return $"job {job} has {assigned} tasks in flight, explained are {inFlight}: {told}";
            }

            if (reasons.Any(r => r.Why is NotExamined or ManyReasons || r.Tasks < 0))
            {
                yield return $"job {job} is not explained: {told}";
            }

            foreach (var task in state.ViewTasks(job, new TaskRange(1, 3)))
            {
                var why = state.Explain(task.Task, now)!.Reasons;
                var isExplained = why.Length > 0 && why[0].Tasks == 1 && why[0].Why is not NotExamined;
                if (task.State.HasEnded() ? why.Length > 0 : !isExplained)
                {
                    yield return $"task {task.Task} is {task.State}: {string.Join("; ", why)}";
                }
            }
        }
    }
}
