using System.Net;
using System.Net.Sockets;
using Artel.Dashboard.Hosting;
using Artel.Protocol.Client;
using Artel.Server.Edge;
using Artel.Server.Security;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Artel.Server.Hosting;

/// <summary>
/// The dashboard within the server, and the loopback address where browsers reach it without TLS. Only the dashboard is there, nothing of the
/// cluster's own interfaces. The address is taken before anything else is opened: a second server on the machine goes without, unless it was told to.
/// </summary>
internal sealed class DashboardListener : IDisposable
{
    private readonly ServerOptions _options;
    private readonly Socket? _socket;

    private DashboardListener(ServerOptions options, Socket? socket)
    {
        _options = options;
        _socket = socket;
    }

    /// <summary>Such as <c>http://127.0.0.1:7071</c>; empty where it could not be had.</summary>
    public string Url => _socket is null ? "" : $"http://{_socket.LocalEndPoint}";

    /// <exception cref="ServerStartException">The address was asked for and can not be had.</exception>
    public static DashboardListener Open(ServerOptions options)
    {
        if (options.Dashboard.Address is not { } address)
        {
            return new DashboardListener(options, null);
        }

        var endpoint = new IPEndPoint(address.Address, address.Port);
        try
        {
            return new DashboardListener(options, Listen(endpoint));
        }
        catch (SocketException e) when (options.Dashboard.IsAsked)
        {
            throw new ServerStartException(e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"{address} is in use by another program: stop that one, or choose another port with --dashboard"
                : $"can not listen on {address}: {e.Message}");
        }
        catch (SocketException)
        {
            return new DashboardListener(options, null);
        }
    }

    public void AddTo(
        WebApplicationBuilder builder, ServerKeys keys, ServerLife life, CredentialStore credentials, BrowserAddresses browsers)
    {
        if (!_options.Dashboard.IsOn)
        {
            return;
        }

        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddArtelDashboard(new DashboardConnection(
            () => new ClusterAccess([Own(life)], keys.Current.Pin, "") { Keeper = new OwnKeys(keys) },
            [.. _options.DashboardNames, Environment.MachineName],
            secret => credentials.Authenticate(secret) is { Principal: { } principal, Credential: { } credential }
                ? new CallerIdentity(principal, credential, DashboardHosting.SessionScheme)
                : null,
            browsers.Vouch));
        if (_socket is not null)
        {
            builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = endpoint =>
                endpoint.Equals(_socket.LocalEndPoint) ? _socket : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint));
        }
    }

    public void AddTo(KestrelServerOptions kestrel, ConnectionGate gate)
    {
        if (_socket is not null)
        {
            kestrel.Listen((IPEndPoint)_socket.LocalEndPoint!, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.Use(next => connection => gate.RunAsync(connection, next));
                endpoint.Use(next => connection =>
                {
                    connection.Features.Set(new LoopbackListener());
                    return next(connection);
                });
            });
        }
    }

    /// <summary>Between routing and the check of who may call.</summary>
    public void AddGuards(WebApplication app, ServerLife life)
    {
        if (!_options.Dashboard.IsOn)
        {
            return;
        }

        app.Use(async (context, next) =>
        {
            // Pages that were open when the server went are here again before it is.
            if (!life.Listens.IsCompleted)
            {
                await life.Listens.WaitAsync(context.RequestAborted);
            }

            if (IsFromThisMachine(context) && context.GetEndpoint()?.Metadata is { } marks
                && marks.GetMetadata<OnLoopback>() is null && marks.GetMetadata<DashboardPage>() is null)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            await next(context);
        });
        app.UseDashboardGuards();
    }

    /// <summary>After the check of who may call.</summary>
    public void AddPages(WebApplication app, IEndpointRouteBuilder routes)
    {
        if (_options.Dashboard.IsOn)
        {
            app.UseDashboardForms();
            routes.MapArtelDashboard();
        }
    }

    /// <summary>Bound sockets share an address as long as none of them listens.</summary>
    private static Socket Listen(IPEndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        try
        {
            socket.Listen();
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether a call came over the listener without TLS, which only this machine reaches.</summary>
    public static bool IsFromThisMachine(HttpContext context) => context.Features.Get<LoopbackListener>() is not null;

    public void Dispose() => _socket?.Dispose();

    /// <summary>Where this machine itself reaches the server.</summary>
    private static string Own(ServerLife life)
    {
        var listening = ListenAddress.Parse(life.Listening, out _)!;
        return listening.IsAny ? new IPEndPoint(IPAddress.Loopback, listening.Port).ToString() : listening.ToString();
    }
}

/// <summary>The server's keys, for its own dashboard.</summary>
internal sealed class OwnKeys(ServerKeys keys) : IPinKeeper
{
    public ServerPins Pins => keys.Pins;

    public void Announced(CertificatePin next)
    {
    }

    public void Presented(CertificatePin pin)
    {
    }
}

/// <summary>Marks endpoints that answer without TLS too, to this machine only.</summary>
internal sealed class OnLoopback;
