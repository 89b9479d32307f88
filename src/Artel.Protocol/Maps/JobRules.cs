using Artel.Protocol.V1;
using Google.Protobuf.Collections;

namespace Artel.Protocol.Maps;

/// <summary>What must hold for the job as a whole and for each list; <see cref="TaskRules"/> checks the tasks in it.</summary>
internal static class JobRules
{
    /// <returns>How many tasks each template makes, in the order of their numbers, as far as they were looked at.</returns>
    public static List<long?> Check(JobSpec job, SpecMistakes mistakes)
    {
        var counts = new List<long?>();
        if (TextRules.NameProblem(job.Name) is { } problem)
            mistakes.Add(new SpecPlace(null, null, "name"), $"the job's name {problem}");

        if (Math.Abs((long)job.Priority) > JobLimits.MaxPriority)
        {
            mistakes.Add(
                new SpecPlace(null, null, "priority"),
                "the priority is out of range",
                $"a whole number from -{JobLimits.MaxPriority} to {JobLimits.MaxPriority}; higher goes first");
        }

        TermRules.Check(job, mistakes);
        OnEndRules.Check(job.OnEnd, mistakes);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var nodes = new HashSet<string>(StringComparer.Ordinal);
        var total = 0L;
        for (var i = 0; i < job.Sections.Count; i++)
        {
            CheckSection(job.Sections[i], i, nodes, mistakes);
            CheckTasks(job.Sections[i].Tasks, i, names, ref total, counts, mistakes);
        }

        CheckTasks(job.Tasks, null, names, ref total, counts, mistakes);
        if (job.Tasks.Count == 0 && job.Sections.All(section => section.Tasks.Count == 0))
            mistakes.Add(default, "there are no tasks", "write at least one, under 'tasks' or under 'nodes'");

        if (job.CalculateSize() > JobLimits.MaxJobBytes)
        {
            mistakes.Add(
                default,
                $"the job is larger than {Sizes.Format(JobLimits.MaxJobBytes)}, the most that can be submitted at once",
                "say the same with an array, or split it into several jobs");
        }

        return counts;
    }

    private static void CheckSection(NodeSection section, int number, HashSet<string> nodes, SpecMistakes mistakes)
    {
        if (!NodeIds.IsValid(section.Node))
            mistakes.Add(new SpecPlace(number, null, ""), $"wrong node id '{Quote.Shorten(section.Node)}'", NodeIds.Rule);
        else if (!nodes.Add(section.Node))
            mistakes.Add(new SpecPlace(number, null, ""), $"node '{section.Node}' has two lists", "write one list for each node");

        if (section.AtOnce is < 0 or > JobLimits.MaxAtOnce)
        {
            mistakes.Add(
                new SpecPlace(number, null, "at_once"),
                "at_once is out of range",
                $"a whole number from 1 to {IndexSets.Plain(JobLimits.MaxAtOnce)}");
        }
    }

    private static void CheckTasks(
        RepeatedField<TaskTemplate> tasks, int? section, HashSet<string> names, ref long total, List<long?> counts, SpecMistakes mistakes)
    {
        for (var i = 0; i < tasks.Count && !mistakes.IsFull; i++)
        {
            var task = tasks[i];
            var own = new TaskRules(task, section, i, mistakes).Check();
            counts.Add(own);
            if (task.Name.Length > 0 && !names.Add(task.Name))
            {
                mistakes.Add(
                    new SpecPlace(section, i, "name"),
                    $"a second task is named '{Quote.Shorten(task.Name)}'",
                    "a name is given once; leave it out where nothing refers to it");
            }

            // One array that is too large says so itself; here it must not push later tasks over the bound as well.
            var count = own ?? 0;
            if (total <= JobLimits.MaxTasks && total + count > JobLimits.MaxTasks)
            {
                mistakes.Add(
                    new SpecPlace(section, i, task.Array is not null ? "array" : task.Axes.Count > 0 ? "entries" : ""),
                    $"with this task the job has more than {IndexSets.Plain(JobLimits.MaxTasks)} tasks",
                    "split it into several jobs");
            }

            total += count;
        }
    }
}
