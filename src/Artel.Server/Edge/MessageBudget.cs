namespace Artel.Server.Edge;

/// <summary>
/// The memory for messages that are being received: a fixed number of bytes for all callers together, of which one caller gets at most half. A message is
/// paid for as a whole before it is read, so that no two messages wait for each other. Safe from any thread.
/// </summary>
internal sealed class MessageBudget(TimeProvider time)
{
    /// <summary>Messages of this size and smaller ones are free: what they hold is bounded by the window of their connection.</summary>
    public const int FreeBytes = 64 * 1024;

    /// <summary>What JSON takes in memory while it is read, as a multiple of its text.</summary>
    public const int JsonFactor = 4;

    public const string Refusal = "too many large messages are being received: try again later";

    private const long TotalBytes = 256L << 20;
    private const long ShareBytes = TotalBytes / 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly Dictionary<string, long> _shares = new(StringComparer.Ordinal);
    private long _used;

    /// <summary>Waits for room, first come first served among those for whom there is room.</summary>
    /// <param name="share">Who pays.</param>
    /// <param name="bytes">More than one may have counts as all that one may have.</param>
    /// <returns>To be disposed of when the message is no longer in memory; null if there was no room in time.</returns>
    public async ValueTask<IDisposable?> ReserveAsync(string share, long bytes, CancellationToken cancellation)
    {
        bytes = Math.Min(bytes, ShareBytes);
        Waiter waiter;
        lock (_gate)
        {
            if (TryTake(share, bytes))
            {
                return new Reservation(this, share, bytes);
            }

            waiter = new Waiter(share, bytes);
            _waiting.AddLast(waiter.Place);
        }

        try
        {
            await waiter.Room.Task.WaitAsync(Patience, time, cancellation);
            return new Reservation(this, share, bytes);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (_gate)
            {
                if (waiter.Place.List is not null)
                {
                    _waiting.Remove(waiter.Place);
                }
                else
                {
                    // It got room in the same moment.
                    Return(share, bytes);
                }
            }

            if (e is TimeoutException)
            {
                return null;
            }

            throw;
        }
    }

    private bool TryTake(string share, long bytes)
    {
        var used = _shares.GetValueOrDefault(share);
        if (_used + bytes > TotalBytes || used + bytes > ShareBytes)
        {
            return false;
        }

        _used += bytes;
        _shares[share] = used + bytes;
        return true;
    }

    private void Return(string share, long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            if ((_shares[share] -= bytes) == 0)
            {
                _shares.Remove(share);
            }

            for (var place = _waiting.First; place is not null;)
            {
                var next = place.Next;
                if (TryTake(place.Value.Share, place.Value.Bytes))
                {
                    _waiting.Remove(place);
                    place.Value.Room.TrySetResult();
                }

                place = next;
            }
        }
    }

    private sealed class Waiter
    {
        public Waiter(string share, long bytes)
        {
            (Share, Bytes) = (share, bytes);
            Place = new LinkedListNode<Waiter>(this);
        }

        public string Share { get; }

        public long Bytes { get; }

        public LinkedListNode<Waiter> Place { get; }

        public TaskCompletionSource Room { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Reservation(MessageBudget budget, string share, long bytes) : IDisposable
    {
        private int _isReturned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReturned, 1) == 0)
            {
                budget.Return(share, bytes);
            }
        }
    }
}
