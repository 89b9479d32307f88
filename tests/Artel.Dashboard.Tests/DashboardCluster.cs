using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Artel.Protocol.Client;

namespace Artel.Dashboard.Tests;

/// <summary>A real cluster with a dashboard on a port of its own, which stays the same over restarts of the server.</summary>
public sealed partial class DashboardCluster : IAsyncDisposable
{
    private DashboardCluster(TestCluster cluster, Uri site)
    {
        Cluster = cluster;
        Site = site;
    }

    public TestCluster Cluster { get; }

    /// <summary>Where the dashboard is served without TLS.</summary>
    public Uri Site { get; }

    /// <summary>Where it is served with TLS, beside the cluster's own interfaces.</summary>
    public Uri TlsSite => new($"https://{Cluster.Address}");

    public static async Task<DashboardCluster> StartAsync(params string[] nodes)
    {
        var address = FreeAddress();
        return new DashboardCluster(await TestCluster.StartAsync(server: ["--dashboard", $"{address}", "--dashboard-name", "farm.example"], nodes: nodes), new Uri($"http://{address}"));
    }

    /// <summary>A browser without a page: keeps cookies, follows no redirects, and takes the server's own certificate for what it is.</summary>
    /// <param name="address">The address of this machine at which it is; null: any.</param>
    public static HttpClient Client(IPAddress? address = null) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        CookieContainer = new CookieContainer(),
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            if (address is not null)
            {
                socket.Bind(new IPEndPoint(address.MapToIPv6(), 0));
            }

            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    /// <summary>The secret of a token of this role.</summary>
    public async Task<string> SecretAsync(string role) => Tickets.Parse(await Cluster.TokenAsync(role), out _)!.Secret;

    /// <summary>A link as <c>artel dashboard</c> prints it.</summary>
    public async Task<Uri> LinkAsync() => new((await Cluster.ArtelAsync("dashboard", "--no-open")).Output.Trim());

    /// <summary>Fills in the login form as a browser does.</summary>
    /// <param name="secret">A token or a code.</param>
    public static async Task<HttpResponseMessage> LogInAsync(HttpClient client, Uri site, string secret, string to = "/")
    {
        var page = await client.GetStringAsync(new Uri(site, "/login"), TestContext.Current.CancellationToken);
        var form = new Dictionary<string, string> { ["secret"] = secret, ["to"] = to, ["__RequestVerificationToken"] = TokenOf(page) };
        using var content = new FormUrlEncodedContent(form);
        return await client.PostAsync(new Uri(site, "/login"), content, TestContext.Current.CancellationToken);
    }

    /// <summary>What a form of this page must carry.</summary>
    public static string TokenOf(string page) => FormToken().Match(page).Groups[1].Value;

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private static IPEndPoint FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}
