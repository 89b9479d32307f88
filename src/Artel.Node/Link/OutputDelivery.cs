using System.Net;
using Artel.Node.Leases;
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

    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(30);

    /// <summary>How often a file that exists but cannot be read is tried before its result counts as lost.</summary>
    private const int MostReads = 3;

    private readonly NodeAgentOptions _options;
    private readonly LeaseTable _leases;
    private readonly ResultSpool _spool;
    private readonly OutputSender _sender;
    private readonly Lock _gate = new();

    // Requests under way, and how many there may be. The table has what is to be sent.
    private readonly Dictionary<LeaseId, DeliveryAhead> _ahead = [];
    private readonly HashSet<Task> _sendingAhead = [];
    private readonly Dictionary<LeaseId, int> _failedReads = [];
    private TimeSpan _retryDelay = RetryDelay;
    private int _aheadAtOnce;
    private bool _hasNoRoom;
    private CancellationToken _linkEnds;

    public OutputDelivery(NodeAgentOptions options, string address, LeaseTable leases, ResultSpool spool)
    {
        _options = options;
        _leases = leases;
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
            if (_ahead.Count >= _aheadAtOnce || !_leases.TryBeginAhead(attempt.Lease))
                return;

            var ahead = new DeliveryAhead(_sender, attempt, _leases, _options.Time);
            _ahead.Add(ahead.Lease, ahead);
            _sendingAhead.Add(Task.Run(() => SendAheadAsync(ahead, _linkEnds), CancellationToken.None));
        }
    }

    /// <summary>The server has said OK to the length of this one.</summary>
    public void Ask(LeaseId lease)
    {
        _leases.Ask(lease);
        lock (_gate)
        {
            if (_ahead.TryGetValue(lease, out var ahead))
                ahead.Look();
        }
    }

    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            if (!_leases.TryTakeAsked(out var lease))
            {
                await _leases.HasAsked.WaitAsync(ct);
            }
            else if (await TryDeliverAsync(lease, ct))
            {
                _retryDelay = RetryDelay;
                _failedReads.Remove(lease);
            }
            else
            {
                await Task.Delay(_hasNoRoom ? NoRoomDelay : _retryDelay, _options.Time, ct);
                _retryDelay = _retryDelay * 2 < LongestRetryDelay ? _retryDelay * 2 : LongestRetryDelay;
                _leases.AskAgain(lease);
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
        try
        {
            if (await ahead.TryDeliverAsync(ct))
                _leases.Delivered(ahead.Lease);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException
            or IOException or InvalidDataException)
        {
            Log.AheadEnded(_options.Log, ahead.Lease.ToString(), e is HttpRequestException refused ? LinkFailure.Describe(refused) : e.Message);
        }
        finally
        {
            lock (_gate)
            {
                _ahead.Remove(ahead.Lease);
            }

            // If it is asked for and was not delivered, its turn comes with the others.
            _leases.EndAhead(ahead.Lease);
        }
    }

    /// <summary>False: try again.</summary>
    private async Task<bool> TryDeliverAsync(LeaseId lease, CancellationToken ct)
    {
        // The server changed its mind and settled it meanwhile.
        if (_spool.Find(lease) is not { } spooled)
            return true;

        Exception? unreadable = null;
        try
        {
            await _sender.SendAsync(
                lease, ahead: false, (pieces, token) => WriteAsync(spooled, pieces, e => unreadable = e, token), ct);
            _hasNoRoom = false;
            _leases.Delivered(lease);
            return true;
        }
        catch (Exception) when (unreadable is not null && !ct.IsCancellationRequested)
        {
            return IsLost(lease, unreadable);
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.UnprocessableEntity)
        {
            // It would refuse the same bytes again.
            _leases.Withdraw(lease, $"the server refuses its output: {e.Message}");
            return true;
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.Conflict && !ct.IsCancellationRequested)
        {
            // It has no announcement of this result: it gets another one.
            Log.DeliveryFailed(_options.Log, lease.ToString(), LinkFailure.Describe(e));
            await Task.Delay(RetryDelay, _options.Time, ct);
            _leases.Withdraw(lease, null);
            return true;
        }
        catch (HttpRequestException e) when (!ct.IsCancellationRequested)
        {
            var hadNoRoom = _hasNoRoom;
            _hasNoRoom = e.StatusCode == HttpStatusCode.InsufficientStorage;
            if (!_hasNoRoom || !hadNoRoom)
                Log.DeliveryFailed(_options.Log, lease.ToString(), LinkFailure.Describe(e));

            return false;
        }
    }

    /// <summary>
    /// The output cannot be read. True if that is final: then the result is announced as lost. False to try again.
    /// </summary>
    private bool IsLost(LeaseId lease, Exception e)
    {
        if (_leases.StateOf(lease) != LeaseState.Delivering)
            return true;

        var failed = _failedReads[lease] = _failedReads.GetValueOrDefault(lease) + 1;
        Log.DeliveryFailed(_options.Log, lease.ToString(), e.Message);
        if (!SpooledOutput.IsLost(e) && failed < MostReads)
            return false;

        _leases.Withdraw(lease, SpooledOutput.Describe(e));
        return true;
    }

    /// <summary>Sends exactly what was announced, and breaks the request off if that is not there.</summary>
    private static async Task WriteAsync(
        SpooledResult spooled, OutputPieces pieces, Action<Exception> onUnreadable, CancellationToken ct)
    {
        foreach (var stream in new[] { OutputStream.Stdout, OutputStream.Stderr })
        {
            using var source = Read(() => spooled[stream].Open());
            int count;
            while ((count = Read(() => source.Read(pieces.Next.Span))) > 0)
                await pieces.SendAsync(stream, count, ct);
        }

        T Read<T>(Func<T> read)
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                onUnreadable(e);
                throw;
            }
        }
    }
}
