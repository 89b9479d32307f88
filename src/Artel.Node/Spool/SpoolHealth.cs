using Artel.Node.Link;
using Microsoft.Extensions.Logging;

namespace Artel.Node.Spool;

/// <summary>
/// Knows whether results can be kept. After a write of the spool has failed nothing should be started: its result would be lost, and the
/// task given back, again and again. So it says what the problem is, tries by itself whether it is over, at growing distances, and tells
/// of both once. Any thread.
/// </summary>
internal sealed class SpoolHealth : IDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly ResultSpool _spool;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Backoff _backoff;
    private readonly ITimer _probe;
    private volatile string? _problem;
    private volatile bool _failedBefore;

    public SpoolHealth(ResultSpool spool, NodeAgentOptions options)
    {
        _spool = spool;
        _log = options.Log;
        _backoff = new Backoff(FirstWait, LongestWait, options.Random);
        _probe = options.Time.CreateTimer(_ => Probe(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called when a problem has come or gone, by whoever met it.</summary>
    public event Action? Changed;

    /// <summary>Why nothing can be kept now, for people; null where it can.</summary>
    public string? Problem => _problem;

    /// <summary>A write of the spool has failed.</summary>
    public void Failed(Exception e)
    {
        lock (_gate)
        {
            if (_problem is not null)
                return;

            _problem = $"it can not keep results in {_spool.Folder} ({e.Message})";
            _failedBefore = true;
            Log.SpoolUnwritable(_log, _problem);
            _probe.Change(_backoff.Next(), Timeout.InfiniteTimeSpan);
        }

        Changed?.Invoke();
    }

    /// <summary>Finds out whether it can be written now.</summary>
    public bool IsWritable()
    {
        try
        {
            _spool.Probe();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failed(e);
            return false;
        }
    }

    /// <summary>A result was kept: the next problem is a new one.</summary>
    public void Kept()
    {
        if (!_failedBefore)
            return;

        lock (_gate)
        {
            if (_problem is not null)
                return;

            _failedBefore = false;
            _backoff.Reset();
        }
    }

    public void Dispose() => _probe.Dispose();

    private void Probe()
    {
        try
        {
            _spool.Probe();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            lock (_gate)
            {
                _probe.Change(_backoff.Next(), Timeout.InfiniteTimeSpan);
            }

            return;
        }

        lock (_gate)
        {
            _problem = null;
            Log.SpoolWritable(_log, _spool.Folder);
        }

        Changed?.Invoke();
    }
}
