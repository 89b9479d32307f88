using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Node.Work;

namespace Artel.Node.Link;

/// <summary>
/// Sends long output where the server has said OK to its length: one attempt after the other, on a connection of their own, which is
/// opened with the first. That of a few attempts, as many as the server allows, is sent while they run (<see cref="DeliveryAhead"/>).
/// </summary>
internal sealed class OutputDelivery : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>The server has no room on its disk: that is said once, and asked again now and then.</summary>
    private static readonly TimeSpan NoRoomDelay = TimeSpan.FromSeconds(3);

    private readonly NodeAgentOptions _options;
    private readonly Workplace _workplace;
    private readonly ResultSpool _spool;
    private readonly OutputSender _sender;
    private readonly Lock _gate = new();

    // No more than the spool holds: each lease is in it once, however often it is asked for.
    private readonly Queue<LeaseId> _queue = new();
    private readonly HashSet<LeaseId> _queued = [];
    private readonly Signal _hasMore = new();

    // Those under way, and how many there may be.
    private readonly Dictionary<LeaseId, DeliveryAhead> _ahead = [];
    private readonly HashSet<Task> _sendingAhead = [];
    private int _aheadAtOnce;
    private bool _hasNoRoom;
    private CancellationToken _linkEnds;

    public OutputDelivery(NodeAgentOptions options, string address, Workplace workplace, ResultSpool spool)
    {
        _options = options;
        _workplace = workplace;
        _spool = spool;
        _sender = new OutputSender(options.Access, address);
    }

    /// <summary>What the Welcome said.</summary>
    public void Begin(int aheadAtOnce, CancellationToken linkEnds)
    {
        lock (_gate)
        {
            (_aheadAtOnce, _linkEnds) = (aheadAtOnce, linkEnds);
        }
    }

    /// <summary>An attempt that runs has written much: begins to send it where that is allowed now. Any thread, which is not kept.</summary>
    public void OfferAhead(Attempt attempt)
    {
        lock (_gate)
        {
            _sendingAhead.RemoveWhere(t => t.IsCompleted);
            var ahead = new DeliveryAhead(_sender, attempt, _workplace, _spool, _options.Time);

            // Both streams may say so at once.
            if (_ahead.Count < _aheadAtOnce && _ahead.TryAdd(ahead.Lease, ahead))
                _sendingAhead.Add(Task.Run(() => SendAheadAsync(ahead, _linkEnds), CancellationToken.None));
        }
    }

    /// <summary>The server has said OK to the length of this one.</summary>
    public void Add(LeaseId lease)
    {
        lock (_gate)
        {
            if (_ahead.TryGetValue(lease, out var ahead))
            {
                ahead.Finish();
                return;
            }

            if (!_queued.Add(lease))
                return;

            _queue.Enqueue(lease);
        }

        _hasMore.Set();
    }

    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            LeaseId lease;
            bool hasOne;
            lock (_gate)
            {
                hasOne = _queue.TryDequeue(out lease);
            }

            if (!hasOne)
            {
                await _hasMore.WaitAsync(ct);
                continue;
            }

            var isDone = await TryDeliverAsync(lease, ct);
            lock (_gate)
            {
                _queued.Remove(lease);
            }

            if (!isDone)
            {
                await Task.Delay(_hasNoRoom ? NoRoomDelay : RetryDelay, _options.Time, ct);
                Add(lease);
            }
        }
    }

    /// <summary>After the link has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] sending;
        lock (_gate)
        {
            _aheadAtOnce = 0;
            sending = [.. _sendingAhead];
        }

        await Task.WhenAll(sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sender.Dispose();
    }

    private async Task SendAheadAsync(DeliveryAhead ahead, CancellationToken ct)
    {
        var isDone = false;
        try
        {
            isDone = await ahead.TryDeliverAsync(ct);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            Log.AheadEnded(_options.Log, ahead.Lease.ToString(), e is HttpRequestException refused ? LinkFailure.Describe(refused) : e.Message);
        }
        finally
        {
            lock (_gate)
            {
                _ahead.Remove(ahead.Lease);
            }
        }

        // Said OK to until now it was this one's to deliver; from now on it is not.
        if (!isDone && ahead.IsAskedFor)
            Add(ahead.Lease);
    }

    /// <summary>False: try again.</summary>
    private async Task<bool> TryDeliverAsync(LeaseId lease, CancellationToken ct)
    {
        // The server changed its mind and settled it meanwhile.
        if (_spool.Find(lease) is not { } spooled)
            return true;

        try
        {
            await _sender.SendAsync(lease, ahead: false, (pieces, token) => WriteAsync(spooled, pieces, token), ct);
            _hasNoRoom = false;
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or FileNotFoundException && _spool.Find(lease) is null)
        {
            // Settled meanwhile, and its file is gone.
            return true;
        }
        catch (HttpRequestException e) when (!ct.IsCancellationRequested)
        {
            var hadNoRoom = _hasNoRoom;
            _hasNoRoom = e.StatusCode == System.Net.HttpStatusCode.InsufficientStorage;
            if (!_hasNoRoom || !hadNoRoom)
                Log.DeliveryFailed(_options.Log, lease.ToString(), LinkFailure.Describe(e));

            return false;
        }
    }

    private static async Task WriteAsync(SpooledResult spooled, OutputPieces pieces, CancellationToken ct)
    {
        foreach (var stream in new[] { OutputStream.Stdout, OutputStream.Stderr })
        {
            await using var source = spooled.Open(stream);
            int count;
            while ((count = await source.ReadAsync(pieces.Next, ct)) > 0)
                await pieces.SendAsync(stream, count, ct);
        }
    }
}
