namespace Artel.Node.Work;

/// <summary>
/// The node's side of the two-sided lease: until when exclusive tasks may run. It reaches a fixed time beyond the moment at which
/// the last Hello or heartbeat that the server has answered was sent; the server waits longer than that since it heard it. Any
/// thread. Gray and Cheriton, "Leases", SOSP 1989.
/// </summary>
/// <param name="time">Its timestamps must go on while the machine sleeps: see <see cref="BootTime"/>.</param>
internal sealed class ExclusiveTerm(TimeProvider time)
{
    /// <summary>Heartbeats without an answer that are remembered. An answer to an older one is of no use any more.</summary>
    private const int MaxUnanswered = 16;

    /// <summary>Of the term: 0.85 of the time until a node is lost, of which the term is 0.75.</summary>
    private const double GuardianPart = 0.85 / 0.75;

    private readonly Lock _gate = new();
    private readonly Queue<(long Number, long SentAt)> _unanswered = [];
    private TimeSpan _term;
    private long _renewedAt;
    private long _lastNumber;
    private bool _wasRenewed;

    /// <summary>How long exclusive tasks may go on running; zero where they must not run now.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (_gate)
            {
                var left = _wasRenewed ? _term - time.GetElapsedTime(_renewedAt) : TimeSpan.Zero;
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    public bool Holds => Left > TimeSpan.Zero;

    /// <summary>
    /// When the guardian is to act, because the agent has not: a little after the end of the term, and still well before the server
    /// gives the node up. By the clock of <see cref="BootTime"/>.
    /// </summary>
    public TimeSpan GuardianDeadline
    {
        get
        {
            lock (_gate)
            {
                return time.GetElapsedTime(0, _renewedAt) + (_term * GuardianPart);
            }
        }
    }

    /// <summary>Now, as <see cref="Begin"/> wants to know it of its Hello.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>A new link was welcomed.</summary>
    /// <param name="term">How long a renewal holds.</param>
    /// <param name="helloAt">When its Hello was about to be sent.</param>
    public void Begin(TimeSpan term, long helloAt)
    {
        lock (_gate)
        {
            _unanswered.Clear();
            _term = term;
            Renew(helloAt);
        }
    }

    /// <summary>A heartbeat is about to be sent: its number.</summary>
    public long NextHeartbeat()
    {
        lock (_gate)
        {
            if (_unanswered.Count == MaxUnanswered)
                _unanswered.Dequeue();

            _unanswered.Enqueue((++_lastNumber, time.GetTimestamp()));
            return _lastNumber;
        }
    }

    /// <summary>The server has heard the heartbeat of this number.</summary>
    public void Renewed(long number)
    {
        lock (_gate)
        {
            while (_unanswered.TryPeek(out var oldest) && oldest.Number <= number)
            {
                _unanswered.Dequeue();
                if (oldest.Number == number)
                    Renew(oldest.SentAt);
            }
        }
    }

    private void Renew(long sentAt)
    {
        _renewedAt = _wasRenewed ? Math.Max(_renewedAt, sentAt) : sentAt;
        _wasRenewed = true;
    }
}
