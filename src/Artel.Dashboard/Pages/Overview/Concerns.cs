using System.Globalization;
using Artel.Dashboard.Times;
using Artel.Protocol.Text;
using Artel.Protocol.V1;
using V1 = Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Overview;

/// <summary>Something that somebody should look at.</summary>
/// <param name="IsGrave">Work is lost or does not go on.</param>
/// <param name="What">What it is about: the words of the link.</param>
/// <param name="Href">Where to look.</param>
internal sealed record Concern(bool IsGrave, string What, string Text, string Href);

/// <summary>What needs attention, out of what the cluster says of itself.</summary>
internal static class Concerns
{
    /// <summary>Under this part of a disk, or so many bytes, it is said to be nearly full.</summary>
    private const double LittleDisk = 0.1;
    private const long LittleBytes = 1L << 30;

    public static IReadOnlyList<Concern> Of(
        ClusterStatus status,
        IReadOnlyCollection<Node> nodes,
        IEnumerable<Job> jobs,
        V1.Settings settings,
        DateTimeOffset now,
        ViewerClock clock) =>
    [
        .. OfNodes(nodes, now, clock),
        .. OfServer(status, nodes),
        .. OfDisk(settings),
        .. jobs.SelectMany(job => OfJob(job, clock)),
    ];

    /// <summary>Jobs that may hold tasks which nothing can run: only of these is it worth asking why.</summary>
    public static bool MayBeStuck(Job job) => !job.Held && job.Counts is { Ready: > 0 };

    private static IEnumerable<Concern> OfNodes(IEnumerable<Node> nodes, DateTimeOffset now, ViewerClock clock)
    {
        foreach (var node in nodes)
        {
            var href = $"/nodes/{Uri.EscapeDataString(node.Id)}";
            if (node.Condition == NodeCondition.Lost)
            {
                var last = node.LastHeartbeat is { } heard ? $", last heard from {Ahead.Words(heard.ToDateTimeOffset(), now, clock)}" : "";
                yield return new Concern(true, $"Node {node.Id}", $"is lost{last}", href);
            }
            else if (node.Condition == NodeCondition.Disconnected)
            {
                yield return new Concern(false, $"Node {node.Id}", "is disconnected; its tasks are kept for it until it counts as lost", href);
            }
            else if (node.Problem.Length > 0)
            {
                yield return new Concern(true, $"Node {node.Id}", $"takes no work: {Words.OneLine(node.Problem)}", href);
            }
        }
    }

    /// <summary>Lost nodes are told of with more by <see cref="OfNodes"/>.</summary>
    private static IEnumerable<Concern> OfServer(ClusterStatus status, IReadOnlyCollection<Node> nodes)
    {
        var told = nodes.Where(n => n.Condition == NodeCondition.Lost).Select(n => $"node {n.Id} is lost").ToArray();
        return status.Attention.Where(text => !told.Any(t => text.StartsWith(t, StringComparison.Ordinal)))
            .Select(text => new Concern(true, "Server", Words.OneLine(text), "/settings"));
    }

    /// <summary>Below the reserve the server says more itself.</summary>
    private static IEnumerable<Concern> OfDisk(V1.Settings settings)
    {
        if (settings.DiskBytes > 0 && settings.FreeBytes >= settings.DiskReserve && (settings.FreeBytes < settings.DiskBytes * LittleDisk || settings.FreeBytes < LittleBytes))
        {
            yield return new Concern(
                settings.FreeBytes < LittleBytes, "Disk of the server", $"is nearly full: {Words.Size(settings.FreeBytes)} of {Words.Size(settings.DiskBytes)} are free", "/settings");
        }
    }

    private static IEnumerable<Concern> OfJob(Job job, ViewerClock clock)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"Job {job.Id}{(job.Name.Length > 0 ? $" {job.Name}" : "")}");
        var href = string.Create(CultureInfo.InvariantCulture, $"/jobs/{job.Id}");
        if (job.Counts is { Failed: > 0 } counts)
        {
            yield return new Concern(false, what, $"has {Words.Count(counts.Failed)} of {Words.Tasks(counts.Total)} failed", href);
        }

        if (job.Attention.Count > 0)
        {
            yield return new Concern(true, what, $"does not go on: {clock.In(Words.OneLine(job.Attention[0]))}", href);
        }
    }
}
