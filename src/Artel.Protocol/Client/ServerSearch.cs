using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Artel.Protocol.Client;

/// <summary>
/// Finds the server among its addresses. They are tried side by side, each a moment after the one before it
/// (<see cref="StaggeredRace"/>), and so are the addresses that a name resolves to. The server is found where TLS has
/// shown its key: a port that is open, or another server's, does not count.
/// </summary>
public static class ServerSearch
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// True if there is more than one place to look at. Otherwise the first call may as well connect by itself.
    /// </summary>
    public static bool HasChoice(IReadOnlyList<string> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return addresses.Count != 1 || IsName(addresses[0]);
    }

    /// <summary>
    /// Returns where the server is, with a connection that
    /// <see cref="ClusterChannel.Open(ClusterAccess, FoundServer)"/> goes on with.
    /// </summary>
    /// <exception cref="NoServerException">It is at none of the addresses.</exception>
    public static Task<FoundServer> FindAsync(ClusterAccess access, TimeProvider time, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(access);
        return FindAsync(access, access.Addresses, SslApplicationProtocol.Http2, time, ct);
    }

    internal static async Task<FoundServer> FindAsync(
        ClusterAccess access,
        IReadOnlyList<string> addresses,
        SslApplicationProtocol protocol,
        TimeProvider time,
        CancellationToken ct)
    {
        var attempts = addresses.Select(a => new AddressAttempt(access, a, protocol, time)).ToList();
        var found = await StaggeredRace.FirstAsync<FoundServer>(
            [.. attempts.Select(a => (Func<CancellationToken, Task<FoundServer?>>)a.RunAsync)],
            time,
            ct).ConfigureAwait(false);
        return found ?? throw new NoServerException([.. attempts.Select(a => a.Failure)]);
    }

    internal static bool IsName(string address) => !IPEndPoint.TryParse(address, out _);

    /// <summary>One address, with all that it resolves to.</summary>
    private sealed class AddressAttempt(
        ClusterAccess access, string address, SslApplicationProtocol protocol, TimeProvider time)
    {
        private readonly Lock _gate = new();
        private AddressFailure? _failure;

        /// <summary>The failure that tells most.</summary>
        public AddressFailure Failure => _failure ?? new AddressFailure(
            address, AddressFailureKind.UnknownName, new SocketException((int)SocketError.NoData));

        public async Task<FoundServer?> RunAsync(CancellationToken ct)
        {
            using var patience = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
            try
            {
                var uri = new Uri($"https://{address}");
                var all = IPAddress.TryParse(uri.DnsSafeHost, out var only) ? [only]
                    : await Dns.GetHostAddressesAsync(uri.DnsSafeHost, either.Token).ConfigureAwait(false);
                var connects = InTurns(all).Select(ip => new IPEndPoint(ip, uri.Port)).Select(
                    point => (Func<CancellationToken, Task<FoundServer?>>)(c => ConnectAsync(point, uri.DnsSafeHost, c)));
                return await StaggeredRace.FirstAsync<FoundServer>(
                    [.. connects],
                    time,
                    either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return Failed(AddressFailureKind.Silent, new TimeoutException("no answer in time"));
            }
            catch (SocketException e)
            {
                return Failed(AddressFailure.KindOf(e), e);
            }
            catch (Exception e) when (e is UriFormatException or ArgumentException)
            {
                return Failed(AddressFailureKind.UnknownName, e);
            }
        }

        private async Task<FoundServer?> ConnectAsync(IPEndPoint point, string host, CancellationToken ct)
        {
            var isOther = false;
            Socket? socket = null;
            SslStream? tls = null;
            FoundServer? found = null;
            try
            {
                // A machine without this address family has no socket of it: that costs one attempt as well.
                socket = new Socket(point.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(point, ct).ConfigureAwait(false);
                tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
                var options = ClusterChannel.PinnedTls(access, () => isOther = true);
                options.TargetHost = host;
                options.ApplicationProtocols = [protocol];
                await tls.AuthenticateAsClientAsync(options, ct).ConfigureAwait(false);
                return found = new FoundServer(address, access.Addresses, tls);
            }
            catch (AuthenticationException e)
            {
                return Failed(isOther ? AddressFailureKind.OtherServer : AddressFailureKind.NotArtel, e);
            }
            catch (SocketException e)
            {
                return Failed(AddressFailure.KindOf(e), e);
            }
            catch (IOException e)
            {
                return Failed(AddressFailureKind.TurnedAway, e);
            }
            finally
            {
                if (found is null)
                {
                    if (tls is not null)
                        await tls.DisposeAsync().ConfigureAwait(false);

                    socket?.Dispose();
                }
            }
        }

        private FoundServer? Failed(AddressFailureKind kind, Exception cause)
        {
            lock (_gate)
            {
                if (_failure is null || _failure.Kind < kind)
                    _failure = new AddressFailure(address, kind, cause);
            }

            return null;
        }

        /// <summary>
        /// The families in turn, so that one without a way out costs one attempt (RFC 8305 section 4).
        /// </summary>
        private static IEnumerable<IPAddress> InTurns(IPAddress[] all)
        {
            var first = all.Where(a => a.AddressFamily == all[0].AddressFamily).ToList();
            var second = all.Where(a => a.AddressFamily != all[0].AddressFamily).ToList();
            for (var i = 0; i < Math.Max(first.Count, second.Count); i++)
            {
                if (i < first.Count)
                    yield return first[i];

                if (i < second.Count)
                    yield return second[i];
            }
        }
    }
}

/// <summary>Where a server was found, with the connection to it, which one channel uses.</summary>
public sealed class FoundServer : IDisposable
{
    private readonly IReadOnlyList<string> _all;
    private volatile string _address;
    private SslStream? _connection;

    internal FoundServer(string address, IReadOnlyList<string> all, SslStream connection) =>
        (_address, _all, _connection) = (address, all, connection);

    /// <summary>
    /// <c>host:port</c>, as it was given. Another one after the channel had to connect again and found the server
    /// there.
    /// </summary>
    public string Address => _address;

    public void Dispose() => Interlocked.Exchange(ref _connection, null)?.Dispose();

    /// <summary>The connection, the first time; after that a new one, wherever the server is by then.</summary>
    internal async ValueTask<Stream> ConnectAsync(ClusterAccess access, CancellationToken ct)
    {
        if (Interlocked.Exchange(ref _connection, null) is { } ready)
            return ready;

        string[] addresses = [_address, .. _all.Where(a => a != _address)];
        var again = await ServerSearch.FindAsync(
            access, addresses, SslApplicationProtocol.Http2, TimeProvider.System, ct).ConfigureAwait(false);
        _address = again.Address;
        return Interlocked.Exchange(ref again._connection, null)!;
    }
}
