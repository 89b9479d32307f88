namespace Artel.Core;

/// <summary>
/// How much a node is given. It gets what it can run at once, and beyond that enough of short tasks to be busy while a message
/// goes to the server and back; how much that is follows from what its tasks took so far.
/// </summary>
internal static class WorkAhead
{
    /// <summary>Time for which a node has work beyond what it runs.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(50);

    /// <summary>Leases a node has in its hands at the most.</summary>
    public const int MaxLeases = 4096;

    /// <summary>A task counts as at least this long, so that tasks that take nothing do not count for nothing.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMicroseconds(20);

    /// <summary>How long a task counts as that nothing is known of yet: long enough that none is queued behind it.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromHours(1);

    /// <summary>How many tasks of a template a node takes now, at most <paramref name="most"/>.</summary>
    public static int Room(NodeRecord node, Template template, int most)
    {
        most = Math.Min(most, MaxLeases - node.Attempts.Count);
        var capacity = node.Description.Resources;
        if (most <= 0 || !Load.CanEverFit(capacity, template.Spec.Needs))
        {
            return 0;
        }

        var fitting = node.Load.Room(capacity, template.Spec.Needs, most);
        var left = Ahead - node.PendingTime;
        if (fitting > 0 || left <= TimeSpan.Zero || template.TypicalTime is null)
        {
            return fitting;
        }

        return (int)Math.Min(most, Math.Ceiling(left / TimeOf(node, template)));
    }

    /// <summary>By how much one task of the template makes the node busier.</summary>
    public static TimeSpan TimeOf(NodeRecord node, Template template)
    {
        var time = (template.TypicalTime ?? Unknown) * Load.DominantShare(node.Description.Resources, template.Spec.Needs);
        return time < Shortest ? Shortest : time;
    }
}
