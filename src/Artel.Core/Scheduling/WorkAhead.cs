namespace Artel.Core;

/// <summary>
/// How much a node is given. It gets what it can run at once, and beyond that enough of short tasks to be busy while a message
/// goes to the server and back; how much that is follows from what its tasks took so far. Nothing is queued behind long tasks.
/// </summary>
internal static class WorkAhead
{
    /// <summary>Time for which a node has work beyond what it runs. A task that takes less is short.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(50);

    /// <summary>Leases a node has in its hands at the most.</summary>
    public const int MaxLeases = 4096;

    /// <summary>A whole node, in the unit of <see cref="NodeRecord.LongShare"/>.</summary>
    public const double Whole = 1_000_000;

    /// <summary>A task counts as at least this long, so that tasks that take nothing do not count for nothing.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMicroseconds(20);

    /// <summary>How many tasks of a template a node takes now, at most <paramref name="most"/>.</summary>
    public static int Room(NodeRecord node, Template template, int most)
    {
        most = Math.Min(Math.Min(most, template.Allowed), node.FreeLeases(template.Job.Spec.User));
        var (capacity, needs) = (node.Description.Resources, template.Spec.Needs);
        if (most <= 0 || !node.CanEverFit(needs))
        {
            return 0;
        }

        if (node.Description.Kind == NodeKind.Classic)
        {
            return most;
        }

        var fitting = node.Load.Room(capacity, needs, most);
        if (fitting > 0 || node.IsStuck || ShortTime(template) is not { } time)
        {
            return fitting;
        }

        // What long tasks do not take of the node is shared out to short ones, for as long as we look ahead.
        var share = Load.DominantShare(capacity, needs);
        var left = TimeLeft(node);
        return left <= TimeSpan.Zero || Millionths(share) > (long)Whole - node.LongShare ? 0 : (int)Math.Min(most, Math.Ceiling(left / TimeOf(time, share)));
    }

    /// <summary>Whether a task that needs a part of a cpu, however small, might find room on the node.</summary>
    public static bool MayTakeMore(NodeRecord node) =>
        node.Attempts.Count < node.MaxLeases
        && (node.Load.MilliCpus < node.Description.Resources.MilliCpus
            || (!node.IsStuck && TimeLeft(node) > TimeSpan.Zero));

    /// <summary>
    /// Whether a short task that finds no room will have some soon, whatever comes behind it: a node that has nothing but short ones takes it ahead,
    /// be it as large as it may, as soon as it is through with some.
    /// </summary>
    public static bool ComesToItsTurn(IEnumerable<NodeRecord> nodes, Template template) =>
        ShortTime(template) is not null && nodes.Any(n => n is { LongShare: 0, IsStuck: false } && n.Takes(template));

    /// <summary>How many tasks of a template the node could start now beside others that are to come, at most <paramref name="most"/>.</summary>
    public static int RoomBeside(NodeRecord node, Template template, Needs others, int most)
    {
        most = Math.Min(Math.Min(most, template.Allowed), node.FreeLeases(template.Job.Spec.User));
        var left = node.Description.Resources.Without(others);
        return most <= 0 || !Load.CanEverFit(left, template.Spec.Needs) ? 0 : node.Load.Room(left, template.Spec.Needs, most);
    }

    /// <summary>Notes on an attempt by how much it makes its node busier.</summary>
    public static void Weigh(Attempt attempt)
    {
        var share = Load.DominantShare(attempt.Node.Description.Resources, attempt.Spec.Needs);
        attempt.Share = Math.Max(1, Millionths(share));
        if (ShortTime(attempt.Template) is { } time)
        {
            attempt.PendingTime = TimeOf(time, share);
        }
        else
        {
            attempt.LongShare = Millionths(share);
        }
    }

    /// <summary>How long a task of the template takes, or null where that is long, or not known yet.</summary>
    private static TimeSpan? ShortTime(Template template) => template.TypicalTime is { } time && time < Ahead ? time : null;

    /// <summary>
    /// What long tasks do not take of the node, for as long as we look ahead, and short ones do not take either.
    /// </summary>
    private static TimeSpan TimeLeft(NodeRecord node) => (Ahead * (1 - (node.LongShare / Whole))) - node.PendingTime;

    private static TimeSpan TimeOf(TimeSpan time, double share)
    {
        var part = time * share;
        return part < Shortest ? Shortest : part;
    }

    private static long Millionths(double share) => (long)(share * Whole);
}
