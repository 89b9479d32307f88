using Artel.Cli.Access;
using Artel.Protocol.V1;

namespace Artel.Cli.Results;

/// <summary>Why tasks of a job failed: those that failed alike together, with one example and its last lines.</summary>
internal sealed record FailureReport(FailureGroups Groups, IReadOnlyList<IReadOnlyList<string>> LastLines)
{
    /// <summary>Groups whose example is told with its last lines; of the others there is a line.</summary>
    private const int Quoted = 3;

    public static async Task<FailureReport> ReadAsync(ClusterSession session, long job, CancellationToken ct)
    {
        var groups = await session.Client.GroupFailuresAsync(new GroupFailuresRequest { Job = job }, session.Question(ct));
        var lines = await Task.WhenAll(groups.Groups.Take(Quoted).Select(g => ErrorTail.ReadAsync(session, g.Example, ct)));
        return new FailureReport(groups, lines);
    }

    public IReadOnlyList<string> LinesOf(int group) => group < LastLines.Count ? LastLines[group] : [];

    /// <summary>As lines for people.</summary>
    public IEnumerable<string> Describe()
    {
        for (var i = 0; i < Groups.Groups.Count; i++)
        {
            var group = Groups.Groups[i];
            var attempt = JobText.LastAttempt(group.Example) ?? new Attempt();
            yield return $"{Words.Tasks(group.Count)} failed: {Outcomes.Explain(attempt, group.Example)}";
            yield return $"  {Which(group)}";
            foreach (var line in DeathText.Of(group.Example, attempt))
                yield return $"  {line}";

            if (group.Example.Hidden)
                yield return $"  | {JobText.Hidden}";

            foreach (var line in LinesOf(i))
                yield return $"  | {line}";
        }

        var more = Groups.GroupCount - Groups.Groups.Count;
        if (more > 0)
            yield return $"and {Words.Tasks(Groups.TaskCount - Groups.Groups.Sum(g => (long)g.Count))} that failed in {Words.Count(more, "other way", "other ways")}";
    }

    private static string Which(FailureGroup group)
    {
        var job = group.Example.Job;
        var attempt = JobText.LastAttempt(group.Example);
        var wall = Outcomes.Wall(attempt) is { } time ? $" after {Words.Duration(time)}" : "";
        var example = $"{JobText.TaskId(group.Example)} on node {attempt?.Node}{(group.Example.AttemptCount > 1 ? $", attempt {group.Example.AttemptCount}" : "")}{wall}";
        var others = group.Tasks.Where(t => t != group.Example.Number).ToList();
        if (others.Count == 0)
            return example;

        var rest = group.Count > others.Count + 1 ? " …" : "";
        return FormattableString.Invariant($"such as {example}; also {job}.{string.Join(',', others)}{rest}");
    }
}
