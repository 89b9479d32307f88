using Microsoft.Extensions.Logging;

namespace Artel.Node.Work;

/// <summary>
/// How many tasks the node runs at once while the system has no room for more (processes, memory, descriptors): as many as ran when a start
/// failed, and a few more each second that passes without a failure. If not even one could be started, the node takes no work for a while. Any
/// thread.
/// </summary>
internal sealed class StartRoom : IDisposable
{
    /// <summary>Of growing again.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);

    /// <summary>No node runs so many at once.</summary>
    private const int Plenty = 100_000;

    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private TimeSpan _rest = Step;
    private volatile string? _problem;
    private volatile int _most = int.MaxValue;

    public StartRoom(TimeProvider time, ILogger log)
    {
        _log = log;
        _timer = time.CreateTimer(_ => Grow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called when more may be started, or when <see cref="Problem"/> has changed.</summary>
    public event Action? Changed;

    /// <summary>Why nothing can be started now, for people; null if something can.</summary>
    public string? Problem => _problem;

    /// <summary>How many may run at once.</summary>
    public int Most => _most;

    /// <summary>A task could not be started because the system has no room for it.</summary>
    /// <param name="reason">For people.</param>
    /// <param name="running">How many others the node runs.</param>
    public void Lacks(string reason, int running)
    {
        lock (_gate)
        {
            if (_problem is not null)
                return;

            if (running > 0)
            {
                if (_most == int.MaxValue)
                    Log.RoomIsShort(_log, running, reason);

                _most = Math.Min(_most, running);
                _timer.Change(Step, Timeout.InfiniteTimeSpan);
                return;
            }

            _problem = reason;
            Log.NothingStarts(_log, reason);
            _timer.Change(_rest, Timeout.InfiniteTimeSpan);
            _rest = _rest * 2 < LongestRest ? _rest * 2 : LongestRest;
        }

        Changed?.Invoke();
    }

    public void Dispose() => _timer.Dispose();

    private void Grow()
    {
        lock (_gate)
        {
            if (_problem is not null)
            {
                (_problem, _most) = (null, 1);
            }
            else
            {
                _rest = Step;
                _most = _most < Plenty ? _most + Math.Max(1, _most / 4) : int.MaxValue;
                if (_most == int.MaxValue)
                    Log.RoomIsEnough(_log);
            }

            _timer.Change(_most == int.MaxValue ? Timeout.InfiniteTimeSpan : Step, Timeout.InfiniteTimeSpan);
        }

        Changed?.Invoke();
    }
}
