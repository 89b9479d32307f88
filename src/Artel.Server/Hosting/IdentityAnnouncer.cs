using Artel.Server.Nodes;
using Artel.Server.Security;
using Artel.Server.Storage;
using Google.Protobuf;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Hosting;

/// <summary>
/// Keeps nodes and the access file up to date with where the server is and how to recognise it: addresses that come and go with the machine's
/// networks, and the change of its key. Safe from any thread.
/// </summary>
internal sealed class IdentityAnnouncer(
    ServerKeys keys, ServerLife life, NodeSessions sessions, CredentialStore credentials, TicketPrinter printer, AccessFile access, TimeProvider time,
    ILogger<IdentityAnnouncer> log) : IDisposable
{
    /// <summary>How often the machine's addresses are looked at, and the clock, which may be set.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _announcing = new(1, 1);
    private volatile TaskCompletionSource _changed = NewSign();
    private ListenAddress? _listening;

    /// <summary>What nodes are told now. Shared by all messages: nobody changes it.</summary>
    public V1.ServerIdentity Current { get; private set; } = new();

    /// <summary>The server listens: from here on it can be told where.</summary>
    /// <exception cref="StoreException">The access file cannot be written.</exception>
    public async Task BeginAsync(ListenAddress listening, CancellationToken cancellation)
    {
        _listening = listening;
        await AnnounceAsync(cancellation);
    }

    /// <summary>Announces a change of the key. False if one is announced already.</summary>
    /// <exception cref="StoreException">It cannot be stored; then nothing has changed.</exception>
    public async Task<bool> AnnounceKeyAsync(TimeSpan overlap, CancellationToken cancellation)
    {
        if (!keys.TryAnnounce(overlap))
        {
            return false;
        }

        log.KeyAnnounced(keys.Pins.Next!.ToString(), keys.Switches!.Value);
        await AnnounceAsync(cancellation);
        _changed.TrySetResult();
        return true;
    }

    /// <summary>Changes the key at once.</summary>
    /// <exception cref="StoreException">It cannot be stored.</exception>
    public async Task ChangeKeyAsync(CancellationToken cancellation)
    {
        keys.SwitchNow();
        log.KeyChanged(keys.Current.Pin.ToString());
        await AnnounceAsync(cancellation);
    }

    /// <summary>Changes the key when its time has come, and notices new addresses, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                // Taken before the time is asked for: what is announced after that wakes this.
                var changed = _changed = NewSign();
                var left = keys.Switches - time.GetUtcNow();
                var pause = left is { } until && until < Look ? until : Look;
                if (pause > TimeSpan.Zero)
                {
                    await Task.WhenAny(Task.Delay(pause, time, cancellation), changed.Task);
                }

                cancellation.ThrowIfCancellationRequested();
                if (keys.SwitchIfDue())
                {
                    log.KeyChanged(keys.Current.Pin.ToString());
                }

                await AnnounceAsync(cancellation);
            }
            catch (StoreException e)
            {
                log.NotAnnounced(e.Message);
                await Task.Delay(Look, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>The key and its change, for people.</summary>
    public V1.KeyRotation DescribeKey()
    {
        var pins = keys.Pins;
        return new V1.KeyRotation
        {
            Pin = ByteString.CopyFrom(pins.Current.Hash.Span),
            NextPin = pins.Next is { } next ? ByteString.CopyFrom(next.Hash.Span) : ByteString.Empty,
            Switches = keys.Switches is { } at ? Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(at) : null,
        };
    }

    public void Dispose() => _announcing.Dispose();

    /// <summary>Tells what has changed since it was told last.</summary>
    private async Task AnnounceAsync(CancellationToken cancellation)
    {
        await _announcing.WaitAsync(cancellation);
        try
        {
            if (_listening is { IsAny: true })
            {
                life.Addresses = Advertised.Of(_listening);
            }

            var now = Describe();
            if (now.Equals(Current))
            {
                return;
            }

            // First for links that begin from here on, then for those that are there: none is left out.
            Current = now;
            foreach (var session in sessions.All)
            {
                session.Send(new V1.ServerMessage { Identity = now });
            }

            await access.WriteAsync(credentials, printer, cancellation);
        }
        finally
        {
            _announcing.Release();
        }
    }

    private static TaskCompletionSource NewSign() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private V1.ServerIdentity Describe()
    {
        var pins = keys.Pins;
        return new V1.ServerIdentity
        {
            Addresses = { life.Addresses },
            Pin = ByteString.CopyFrom(pins.Current.Hash.Span),
            NextPin = pins.Next is { } next ? ByteString.CopyFrom(next.Hash.Span) : ByteString.Empty,
        };
    }
}

internal static partial class IdentityLog
{
    [LoggerMessage(LogEvents.KeyAnnounced, LogLevel.Information, "The server's key changes to {Pin} at {Switches:u}")]
    public static partial void KeyAnnounced(this ILogger log, string pin, DateTimeOffset switches);

    [LoggerMessage(LogEvents.KeyChanged, LogLevel.Warning, "The server's key has changed to {Pin}")]
    public static partial void KeyChanged(this ILogger log, string pin);

    [LoggerMessage(LogEvents.NotAnnounced, LogLevel.Error, "The server's key or access file cannot be updated, trying again: {Reason}")]
    public static partial void NotAnnounced(this ILogger log, string reason);
}
