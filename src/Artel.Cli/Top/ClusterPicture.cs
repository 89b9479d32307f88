using Artel.Protocol.V1;

namespace Artel.Cli.Top;

/// <summary>A task that runs now.</summary>
/// <param name="Started">Null: it is with its node, which has not started it yet.</param>
internal sealed record RunningTask(long Job, int Task, int Attempt, string Node, DateTimeOffset? Started)
{
    public override string ToString() => FormattableString.Invariant($"{Job}.{Task}");
}

/// <summary>The cluster at one moment, as far as a screen has room for it.</summary>
/// <param name="Jobs">Unfinished ones, newest first, up to a bound.</param>
/// <param name="Tasks">Of the busiest nodes, up to a bound.</param>
internal sealed record ClusterPicture(
    ClusterStatus Status, IReadOnlyList<WireNode> Nodes, IReadOnlyList<Job> Jobs, bool MoreJobs, IReadOnlyList<RunningTask> Tasks);
