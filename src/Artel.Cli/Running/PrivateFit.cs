using Artel.Node;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Running;

/// <summary>
/// Finds tasks that no node of a private cluster would ever take, before one is started for them. Its nodes have all
/// that this machine has, and as many cpus as a task asks for.
/// </summary>
internal static class PrivateFit
{
    /// <summary>Why the job can never be done here, in one line; null if it can.</summary>
    /// <param name="machine">Called only if a task asks for more than cpus.</param>
    public static string? Misfit(JobSpec job, Func<MachineResources> machine)
    {
        var has = new Lazy<Resources>(() => machine().Amounts);
        var labels = new Lazy<IReadOnlyDictionary<string, string>>(MachineResources.Labels);
        var lack = TasksOf(job).Select(t => LackOf(t, has)).FirstOrDefault(l => l is not null)
            ?? job.Tasks.Select(t => MissingLabel(t, labels)).FirstOrDefault(l => l is not null)
            ?? ClosedTag(job);
        return lack is null ? null
            : $"{lack}: nothing in a private cluster can ever run this. Name a cluster that can with --server and "
                + "--token";
    }

    private static IEnumerable<TaskTemplate> TasksOf(JobSpec job) =>
        job.Sections.SelectMany(s => s.Tasks).Concat(job.Tasks);

    private static string? LackOf(TaskTemplate task, Lazy<Resources> has)
    {
        if (task.Needs is not { } needs)
            return null;

        if (needs.MilliGpus > 0 && needs.MilliGpus > has.Value.MilliGpus)
        {
            var there = has.Value.MilliGpus == 0 ? "none" : Thousandths.Format(has.Value.MilliGpus);
            return $"{Who(task)} asks for {Amount(needs.MilliGpus, "gpu")}, and this machine has {there}";
        }

        if (needs.MemoryBytes > 0 && needs.MemoryBytes > has.Value.MemoryBytes)
        {
            return $"{Who(task)} asks for {Words.Size(needs.MemoryBytes)} of memory, and this machine has "
                + Words.Size(has.Value.MemoryBytes);
        }

        return needs.Counters.FirstOrDefault(c => c.Value > 0) is { Key: { Length: > 0 } name }
            ? $"{Who(task)} asks for the resource '{name}', which only nodes have that are started with it"
            : null;
    }

    private static string? MissingLabel(TaskTemplate task, Lazy<IReadOnlyDictionary<string, string>> labels)
    {
        foreach (var (key, value) in task.Labels)
        {
            if (key != NodeAgentOptions.MemoryLabel && labels.Value.GetValueOrDefault(key) != value)
                return $"{Who(task)} runs only on nodes with the label {key}={value}, which this machine does not have";
        }

        return null;
    }

    /// <summary>A tag that the job itself limits to 0 tasks. In a private cluster nobody raises that.</summary>
    private static string? ClosedTag(JobSpec job)
    {
        var closed = job.Limits.Where(l => l.Value == 0).Select(l => l.Key).ToHashSet();
        return job.Tags.Concat(TasksOf(job).SelectMany(t => t.Tags)).FirstOrDefault(closed.Contains) is { } tag
            ? $"the limit of tag '{tag}' is 0"
            : null;
    }

    private static string Who(TaskTemplate task) => task.Name.Length > 0 ? $"task '{task.Name}'" : "a task";

    private static string Amount(int thousandths, string unit) =>
        $"{Thousandths.Format(thousandths)} {(thousandths == 1000 ? unit : unit + "s")}";
}
