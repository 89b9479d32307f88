namespace Artel.Server.Classic;

/// <summary>Ends a connection whose other side says nothing for too long while something is expected of it. Safe from any thread.</summary>
internal sealed class SilenceAlarm : IDisposable
{
    private readonly CancellationTokenSource _ending;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly TimeSpan _patience;
    private bool _expecting;

    /// <param name="patience">How long it may be silent.</param>
    /// <param name="connection">Cancelled when the connection ends for other reasons.</param>
    public SilenceAlarm(TimeSpan patience, TimeProvider time, CancellationToken connection)
    {
        _patience = patience;
        _ending = CancellationTokenSource.CreateLinkedTokenSource(connection);
        _timer = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the connection is to end, or has.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Whether it was silence that ended it.</summary>
    public bool HasRung { get; private set; }

    /// <summary>Says whether something is expected of the other side from now on.</summary>
    public void Expect(bool something)
    {
        lock (_gate)
        {
            _expecting = something;
            Wind();
        }
    }

    /// <summary>The other side has said something.</summary>
    public void Heard()
    {
        lock (_gate)
        {
            Wind();
        }
    }

    /// <summary>Ends the connection for another reason.</summary>
    public Task EndAsync() => _ending.CancelAsync();

    public void Dispose()
    {
        _timer.Dispose();
        _ending.Dispose();
    }

    private void Wind() => _timer.Change(_expecting ? _patience : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private void Ring()
    {
        lock (_gate)
        {
            HasRung = _expecting;
        }

        if (HasRung)
        {
            _ending.Cancel();
        }
    }
}
