namespace Artel.Protocol.Timing;

/// <summary>
/// Calls back once, after a time of any length. Timers of the framework reach no further than 2^32 - 2 milliseconds, 49
/// days (https://learn.microsoft.com/dotnet/api/system.threading.timer.change).
/// </summary>
public sealed class LongTimer : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _due;
    private readonly Action _action;
    private readonly long _started;
    private readonly ITimer _timer;
    private bool _isOver;

    private LongTimer(TimeProvider time, TimeSpan due, Action action)
    {
        (_time, _due, _action) = (time, due, action);
        _started = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Continue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="due">From zero on.</param>
    /// <param name="action">Called on a thread of the pool. Not called after <see cref="Dispose"/>, unless it has begun
    /// before.</param>
    public static LongTimer Start(TimeProvider time, TimeSpan due, Action action)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfLessThan(due, TimeSpan.Zero);
        var timer = new LongTimer(time, due, action);
        timer.Arm(due);
        return timer;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _timer.Dispose();
        }
    }

    /// <summary>Goes on to the end, or as far as one timer reaches.</summary>
    private void Arm(TimeSpan left)
    {
        lock (_gate)
        {
            if (!_isOver)
                _timer.Change(left < Longest ? left : Longest, Timeout.InfiniteTimeSpan);
        }
    }

    private void Continue()
    {
        var left = _due - _time.GetElapsedTime(_started);
        if (left > TimeSpan.Zero)
        {
            Arm(left);
            return;
        }

        lock (_gate)
        {
            if (_isOver)
                return;

            _isOver = true;
        }

        _action();
    }
}
