using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Artel.Protocol.Client;

/// <summary>Opens pinned, authenticated connections to a cluster.</summary>
public static class ClusterChannel
{
    /// <summary>Largest message either side accepts.</summary>
    public const int MaxMessageBytes = 32 * 1024 * 1024;

    /// <summary>
    /// A channel to one address of the cluster. Nothing is sent before the first call. TLS 1.3; only the certificate with
    /// the access's pin is accepted, whatever else it says.
    /// </summary>
    public static GrpcChannel Open(ClusterAccess access, string address)
    {
        ArgumentNullException.ThrowIfNull(access);
        return Open(access, address, Handler(access, address, SslApplicationProtocol.Http2));
    }

    /// <summary>
    /// A channel to where the server was found, over the connection by which it was found. If that breaks, the server
    /// is looked for at all of its addresses again.
    /// </summary>
    public static GrpcChannel Open(ClusterAccess access, FoundServer found)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(found);
        var handler = PinnedHandler(access);
        handler.ConnectTimeout = Timeout.InfiniteTimeSpan;
        handler.ConnectCallback = (_, ct) => found.ConnectAsync(access, ct);
        return Open(access, found.Address, handler);
    }

    private static GrpcChannel Open(ClusterAccess access, string address, SocketsHttpHandler handler) =>
        GrpcChannel.ForAddress($"https://{address}", new GrpcChannelOptions
        {
            HttpHandler = access.Keeper is { } keeper ? new NextPinListener(handler, keeper) : handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(200),
            MaxReconnectBackoff = TimeSpan.FromSeconds(2),
        });

    /// <summary>Puts the caller's secret and protocol version on every call of a channel.</summary>
    public static CallInvoker Authenticated(this GrpcChannel channel, string secret)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.Intercept(given =>
        {
            // A copy: the caller may use the same headers for the next try.
            var headers = new Metadata();
            foreach (var header in given)
                headers.Add(header);

            headers.Add("authorization", $"Bearer {secret}");
            headers.Add(ProtocolVersion.Header, ProtocolVersion.Current.ToString());
            return headers;
        });
    }

    /// <summary>
    /// The same for plain requests over HTTP/1.1, with the access's secret and the protocol version on each. They take as long as they take.
    /// </summary>
    public static HttpClient OpenHttp(ClusterAccess access, string address)
    {
        ArgumentNullException.ThrowIfNull(access);
        var client = new HttpClient(Handler(access, address, SslApplicationProtocol.Http11))
        {
            BaseAddress = new Uri($"https://{address}"),
            DefaultRequestVersion = HttpVersion.Version11,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", access.Secret);
        client.DefaultRequestHeaders.Add(ProtocolVersion.Header, ProtocolVersion.Current.ToString());
        return client;
    }

    /// <summary>Options of a handshake that accepts the certificate with the pin, and no other.</summary>
    /// <param name="onOther">Called when the server has another key.</param>
    internal static SslClientAuthenticationOptions PinnedTls(ClusterAccess access, Action? onOther = null) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,

        // Nothing is looked up: what is trusted is the pin.
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            var isServer = HasPin(certificate, access);
            if (!isServer)
                onOther?.Invoke();

            return isServer;
        },
    };

    /// <summary>A name may resolve to several addresses: the framework would try them one after the other.</summary>
    private static SocketsHttpHandler Handler(ClusterAccess access, string address, SslApplicationProtocol protocol)
    {
        var handler = PinnedHandler(access);
        if (ServerSearch.IsName(address))
        {
            handler.ConnectTimeout = Timeout.InfiniteTimeSpan;
            handler.ConnectCallback = async (_, ct) =>
            {
                var found = await ServerSearch.FindAsync(access, [address], protocol, TimeProvider.System, ct)
                    .ConfigureAwait(false);
                return await found.ConnectAsync(access, ct).ConfigureAwait(false);
            };
        }

        return handler;
    }

    private static SocketsHttpHandler PinnedHandler(ClusterAccess access) => new()
    {
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        EnableMultipleHttp2Connections = false,
        KeepAlivePingDelay = TimeSpan.FromSeconds(20),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
        SslOptions = PinnedTls(access),
    };

    private static bool HasPin(X509Certificate? certificate, ClusterAccess access)
    {
        if (certificate is not X509Certificate2 presented)
        {
            return false;
        }

        var pin = CertificatePin.Of(presented);
        if (!(access.Keeper?.Pins ?? access.Pins).Accept(pin))
        {
            return false;
        }

        access.Keeper?.Presented(pin);
        return true;
    }
}
