namespace Artel.Server.Loop;

/// <summary>
/// How long the server has been able to listen: time in which its process was stopped, its machine slept, or its loop waited for the
/// disk, is left out. Silence of nodes is measured by it, since a server that does not listen has no reason to think that nobody
/// speaks. Told by <see cref="ClusterLoop"/>; any thread may ask.
/// </summary>
internal sealed class AwakeTime(TimeProvider time)
{
    /// <summary>The loop looks up every <see cref="ClusterLoop.Pulse"/>. Where it did not for longer than this, it was not able to.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private TimeSpan _awake;
    private long _lastStamp = time.GetTimestamp();

    public TimeSpan Now
    {
        get
        {
            lock (_gate)
            {
                return _awake + Counted(time.GetElapsedTime(_lastStamp));
            }
        }
    }

    /// <summary>The loop has looked up.</summary>
    /// <returns>How long the server has been awake.</returns>
    public TimeSpan Pulse()
    {
        lock (_gate)
        {
            var stamp = time.GetTimestamp();
            _awake += Counted(time.GetElapsedTime(_lastStamp, stamp));
            _lastStamp = stamp;
            return _awake;
        }
    }

    private static TimeSpan Counted(TimeSpan gap) => gap < LongestGap ? gap : LongestGap;
}
