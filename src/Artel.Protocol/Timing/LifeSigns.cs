namespace Artel.Protocol.Timing;

/// <summary>Bounds of the times by which a server tells that a node lives.</summary>
public static class LifeSigns
{
    /// <summary>A shorter heartbeat would be most of what a server of many nodes does.</summary>
    public static readonly TimeSpan LeastHeartbeat = TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan MostHeartbeat = TimeSpan.FromHours(1);

    public static readonly TimeSpan MostLostAfter = TimeSpan.FromDays(30);
}
