using System.Threading.Channels;
using Artel.Server.Storage;

namespace Artel.Server.Audit;

/// <summary>
/// Appends to the audit log. That a changing call was made is on disk no later than its effect: the record goes with the next
/// transaction, whoever begins it, and that is the call's own at the latest. Outcomes follow within <see cref="Delay"/>.
/// Any thread may call.
/// </summary>
/// <param name="keep">How long records are kept.</param>
internal sealed class AuditLog(Database database, TimeSpan keep, TimeProvider time) : IDisposable
{
    /// <summary>A record that no other transaction has taken along is written after this time.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    /// <summary>Old records are dropped so many at a time, so that other writers need not wait long.</summary>
    private const int DropAtOnce = 10_000;

    private readonly RefusalThrottle _throttle = new();
    private readonly AuditWriter _writer = new();

    /// <summary>Wakes the background part that writes what waits.</summary>
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Records that a call is about to change something.</summary>
    public AuditedCall Begin(AuditEntry entry)
    {
        var call = new AuditedCall(entry);
        call.Begun = Append(new AuditRow(entry, time.GetUtcNow()) { Outcome = null }, call);
        return call;
    }

    /// <summary>Records what came of a call that is to be answered, and returns when the record of the call itself is on disk.</summary>
    /// <exception cref="StoreException">It cannot be written: the call must not be answered as if it could.</exception>
    public async Task AnswerAsync(AuditedCall call, string outcome, string detail)
    {
        End(call, outcome, detail);
        if (!call.Begun!.IsDurable)
        {
            await FlushAsync(CancellationToken.None);
        }
    }

    /// <summary>Records what came of a call that failed.</summary>
    public void End(AuditedCall call, string outcome, string detail) =>
        Append(new AuditRow(call.Entry, time.GetUtcNow()) { Outcome = outcome, Detail = detail, Call = call });

    /// <summary>Records something that has happened. Returns when it is on disk.</summary>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public Task AddAsync(AuditEntry entry, string outcome, string detail)
    {
        Append(new AuditRow(entry, time.GetUtcNow()) { Outcome = outcome, Detail = detail });
        return FlushAsync(CancellationToken.None);
    }

    /// <summary>Records what the server itself did.</summary>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public Task NoteServerAsync(string what, string subject, string detail) =>
        AddAsync(new AuditEntry(what, "", subject), AuditOutcome.Ok, detail);

    /// <summary>Records a refusal, by itself or in a count. It is on disk within <see cref="Delay"/>.</summary>
    public void Refuse(AuditEntry entry, string outcome, string detail)
    {
        if (_throttle.Admits(entry.Network()))
        {
            Append(new AuditRow(entry, time.GetUtcNow()) { Outcome = outcome, Detail = detail });
        }
    }

    /// <summary>Returns when all that was recorded is on disk.</summary>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (database.Riders.AreWaiting)
        {
            await database.WriteAsync(_ => true, cancellation);
        }
    }

    /// <summary>Writes what no other transaction took along and counts of refusals, and drops what is too old.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task[] work = [WriteAsync(ending.Token), TurnAsync(ending.Token)];
        try
        {
            // If one of them fails, the other is ended, and the failure is passed on at once.
            await Task.WhenAny(work);
            await ending.CancelAsync();
            await Task.WhenAll(work);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server's stop is recorded after this, and written with it.
            CountLeftOut();
        }
    }

    public void Dispose() => _writer.Dispose();

    private async Task WriteAsync(CancellationToken stopping)
    {
        while (await _added.Reader.WaitToReadAsync(stopping))
        {
            await Task.Delay(Delay, time, stopping);
            _added.Reader.TryRead(out _);
            await FlushAsync(stopping);
        }
    }

    private async Task TurnAsync(CancellationToken stopping)
    {
        using var window = new PeriodicTimer(RefusalThrottle.Window, time);
        do
        {
            CountLeftOut();
            await DropOldAsync(stopping);
        }
        while (await window.WaitForNextTickAsync(stopping));
    }

    private void CountLeftOut()
    {
        foreach (var (network, count) in _throttle.Turn())
        {
            Append(new AuditRow(new AuditEntry("refusals", network, ""), time.GetUtcNow())
            {
                Outcome = AuditOutcome.LeftOut,
                Detail = "more refusals within a minute",
                LeftOut = count,
            });
        }
    }

    private async Task DropOldAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var since = keep < now - DateTimeOffset.UnixEpoch ? now - keep : DateTimeOffset.UnixEpoch;
        var first = await database.ReadAsync(c => AuditRows.FirstSince(c, since), cancellation);
        while (await database.WriteAsync(c => AuditRows.DropBefore(c, first, DropAtOnce), cancellation) == DropAtOnce)
        {
            await Task.Yield();
        }
    }

    private Rider Append(AuditRow row, AuditedCall? begins = null)
    {
        var rider = database.Riders.Add(connection =>
        {
            var position = _writer.Append(connection, row);
            begins?.Position = position;
        });
        _added.Writer.TryWrite(true);
        return rider;
    }
}

/// <summary>A changing call that is under way.</summary>
internal sealed class AuditedCall(AuditEntry entry)
{
    public AuditEntry Entry => entry;

    /// <summary>
    /// Position of its first row, set when that row is written. The row of its outcome, which refers to it, is always written
    /// later.
    /// </summary>
    public long Position { get; set; }

    public Rider? Begun { get; set; }
}
