using Artel.Protocol.V1;

namespace Artel.Cli.Top;

/// <summary>The rows of a picture that fit the filter, in the order that was chosen.</summary>
internal sealed class TopRows
{
    private TopRows(IReadOnlyList<WireNode> nodes, IReadOnlyList<Job> jobs, IReadOnlyList<RunningTask> tasks) => (Nodes, Jobs, Tasks) = (nodes, jobs, tasks);

    public IReadOnlyList<WireNode> Nodes { get; }

    public IReadOnlyList<Job> Jobs { get; }

    public IReadOnlyList<RunningTask> Tasks { get; }

    public static TopRows Of(ClusterPicture picture, TopState state)
    {
        var names = picture.Jobs.ToDictionary(j => j.Id, j => j.Name);
        return new TopRows(
            [.. Ordered(picture.Nodes.Where(n => Fits(state, n.Id, n.Host)), state.OrderOf(TopList.Nodes))],
            [.. Ordered(picture.Jobs.Where(j => Fits(state, FormattableString.Invariant($"{j.Id}"), j.Name, j.User)), state.OrderOf(TopList.Jobs))],
            [.. Ordered(picture.Tasks.Where(t => Fits(state, t.ToString(), t.Node, names.GetValueOrDefault(t.Job, ""))), state.OrderOf(TopList.Tasks))]);
    }

    public int Count(TopList list) => list switch
    {
        TopList.Jobs => Jobs.Count,
        TopList.Tasks => Tasks.Count,
        _ => Nodes.Count,
    };

    /// <summary>The task of a row: itself, or the one that runs longest of a job or on a node.</summary>
    public RunningTask? TaskAt(TopList list, int row) => row >= Count(list) ? null : list switch
    {
        TopList.Tasks => Tasks[row],
        TopList.Jobs => Tasks.Where(t => t.Job == Jobs[row].Id).MinBy(t => t.Started),
        _ => Tasks.Where(t => t.Node == Nodes[row].Id).MinBy(t => t.Started),
    };

    /// <summary>Running tasks over cpus: above 1 where tasks ask for less than one. Null where the cpus are not known.</summary>
    public static double? LoadOf(WireNode node) =>
        node.Resources is { MilliCpus: > 0 } r ? node.Running * 1000.0 / r.MilliCpus : null;

    private static bool Fits(TopState state, params ReadOnlySpan<string> texts)
    {
        if (state.Filter.Length == 0)
            return true;

        foreach (var text in texts)
        {
            if (text.Contains(state.Filter, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static IEnumerable<WireNode> Ordered(IEnumerable<WireNode> nodes, string order) => order switch
    {
        "load" => nodes.OrderByDescending(n => LoadOf(n) ?? 0).ThenBy(n => n.Id, StringComparer.Ordinal),
        "running" => nodes.OrderByDescending(n => n.Running).ThenBy(n => n.Id, StringComparer.Ordinal),
        _ => nodes.OrderBy(n => n.Id, StringComparer.Ordinal),
    };

    private static IEnumerable<Job> Ordered(IEnumerable<Job> jobs, string order) => order switch
    {
        "oldest" => jobs.OrderBy(j => j.Id),
        "most tasks left" => jobs.OrderByDescending(j => (j.Counts?.Total ?? 0) - JobText.Ended(j.Counts)).ThenByDescending(j => j.Id),
        "most failed" => jobs.OrderByDescending(j => j.Counts?.Failed ?? 0).ThenByDescending(j => j.Id),
        "running first" => jobs.OrderByDescending(j => j.Counts is { Running: > 0 }).ThenByDescending(j => j.Id),
        "name" => jobs.OrderBy(j => j.Name, StringComparer.Ordinal).ThenByDescending(j => j.Id),
        _ => jobs.OrderByDescending(j => j.Id),
    };

    private static IEnumerable<RunningTask> Ordered(IEnumerable<RunningTask> tasks, string order) => order switch
    {
        "shortest" => tasks.OrderByDescending(t => t.Started).ThenBy(t => t.Job).ThenBy(t => t.Task),
        "number" => tasks.OrderBy(t => t.Job).ThenBy(t => t.Task),
        "node" => tasks.OrderBy(t => t.Node, StringComparer.Ordinal).ThenBy(t => t.Started),
        _ => tasks.OrderBy(t => t.Started).ThenBy(t => t.Job).ThenBy(t => t.Task),
    };
}
