using Artel.Cli.Top;

namespace Artel.Cli.Json;

internal sealed record RunningTaskJson(long Job, int Task, int Attempt, string Node, DateTimeOffset? Started);

/// <summary>What <c>artel top --json</c> prints.</summary>
internal sealed record PictureJson(StatusJson Status, IReadOnlyList<NodeJson> Nodes, IReadOnlyList<JobJson> Jobs, bool MoreJobs, IReadOnlyList<RunningTaskJson> Running)
{
    public static PictureJson Of(ClusterPicture p, string address, DateTimeOffset now) => new(
        StatusJson.Of(p.Status, address),
        [.. p.Nodes.Select(n => NodeJson.Of(n, inList: true))],
        [.. p.Jobs.Select(j => JobJson.Of(j, inList: true, now))],
        p.MoreJobs,
        [.. p.Tasks.Select(t => new RunningTaskJson(t.Job, t.Task, t.Attempt, t.Node, t.Started))]);
}
