using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Artel.Protocol.V1;
using Artel.Server.Edge;
using Artel.Server.Hosting;
using Artel.Server.Tests.Api;
using Artel.Server.Tests.Support;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Edge;

/// <summary>
/// Each call of the real server, by callers whom it is not for, with a body of 64 MiB of which not one byte is sent: who is answered all the same was not
/// asked for any, and the connection ends without it. Runs alone: it counts what the whole process allocates.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed partial class UnreadBodyTests : IAsyncLifetime
{
    private const int BodyBytes = 64 * 1024 * 1024;

    /// <summary>What one refused request may cost, client and TLS on both sides included.</summary>
    private const int MostAllocated = 1024 * 1024;

    /// <summary>Less than the web server would wait for the rest of a body.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private LiveServer? _server;
    private Dictionary<Access, string> _tooLow = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LiveServer Server => _server!;

    private IPEndPoint Address => IPEndPoint.Parse(Server.Life.Listening);

    public async ValueTask InitializeAsync()
    {
        _server = await LiveServer.StartAsync(change: o => o with { Dashboard = DashboardAddress.Parse("127.0.0.1:0", out _)! });
        var (node, viewer, user, admin) = (await SecretAsync(Role.Node), await SecretAsync(Role.Viewer), await SecretAsync(Role.User), await SecretAsync(Role.Admin));
        _tooLow = new()
        {
            [Access.Login] = node,
            [Access.Viewer] = node,
            [Access.User] = viewer,
            [Access.Admin] = user,
            [Access.Metrics] = node,
            [Access.Join] = admin,
            [Access.Node] = node,
        };
    }

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    [Fact]
    public async Task No_call_over_http_1_reads_the_body_of_a_caller_it_is_not_for()
    {
        var wrong = new List<string>();
        var tried = 0;
        foreach (var (route, terms) in Routes(grpc: false))
        {
            foreach (var method in MethodsOf(route))
            {
                foreach (var (credential, expected) in Callers(terms.Access))
                {
                    tried++;
                    var (text, allocated) = await MeasuredAsync(() => AnswerAsync(method, PathOf(route), credential));
                    if (allocated > MostAllocated)
                    {
                        wrong.Add($"{method} {PathOf(route)} with '{credential}' cost {allocated} bytes");
                    }

                    if (!expected.Any(e => text.StartsWith($"HTTP/1.1 {e} ", StringComparison.Ordinal)))
                    {
                        wrong.Add($"{method} {PathOf(route)} with '{credential}': {text.Split('\n')[0]}");
                    }
                }
            }
        }

        Assert.Empty(wrong);
        Assert.InRange(tried, 200, 2000);
    }

    [Fact]
    public async Task No_grpc_call_reads_the_message_of_a_caller_it_is_not_for()
    {
        // A connection over which nobody was authenticated is asked to end after a refusal: each call has one of its own.
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
            PooledConnectionLifetime = TimeSpan.Zero,
        });
        var wrong = new List<string>();
        foreach (var (route, terms) in Routes(grpc: true))
        {
            foreach (var (credential, _) in Callers(terms.Access))
            {
                var (status, allocated) = await MeasuredAsync(() => GrpcStatusAsync(client, PathOf(route), credential));
                if (allocated > MostAllocated)
                {
                    wrong.Add($"{PathOf(route)} with '{credential}' cost {allocated} bytes");
                }

                var expected = credential.Contains("nonsense", StringComparison.Ordinal) || credential.Length == 0 ? StatusCode.Unauthenticated : StatusCode.PermissionDenied;
                if (status != expected)
                {
                    wrong.Add($"{PathOf(route)} with '{credential}': {status}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("content-length: 67108864\r\ncontent-type: application/x-www-form-urlencoded", "413")]
    [InlineData("content-length: 1000\r\ncontent-type: multipart/form-data; boundary=x", "415")]
    [InlineData("transfer-encoding: chunked\r\ncontent-type: multipart/form-data; boundary=x", "415")]
    public async Task A_login_takes_a_small_form_in_url_encoding_and_nothing_else(string headers, string status)
    {
        using var connection = await RawHttp.ConnectAsync(Address, tls: true, Cancellation);
        await connection.SendAsync($"POST /login HTTP/1.1\r\nhost: {Address}\r\n{headers}\r\n\r\n", Cancellation);

        Assert.StartsWith($"HTTP/1.1 {status} ", await connection.ReadToEndAsync(Cancellation).WaitAsync(Patience, TimeProvider.System, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_login_without_a_length_16_KiB_are_read()
    {
        using var connection = await RawHttp.ConnectAsync(Address, tls: true, Cancellation);
        await connection.SendAsync(
            $"POST /login HTTP/1.1\r\nhost: {Address}\r\ntransfer-encoding: chunked\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n", Cancellation);
        var answer = connection.ReadToEndAsync(Cancellation);
        var chunk = new byte[4096];
        Array.Fill(chunk, (byte)'a');
        var sent = 0;
        try
        {
            while (!answer.IsCompleted && sent < BodyBytes)
            {
                await connection.SendAsync("1000\r\n", Cancellation);
                await connection.SendAsync(chunk, Cancellation);
                await connection.SendAsync("\r\n", Cancellation);
                sent += chunk.Length;
            }
        }
        catch (IOException)
        {
            // It was closed.
        }

        await answer.WaitAsync(Patience, TimeProvider.System, Cancellation);

        // What lies in the buffers of the system on the way counts as sent.
        Assert.InRange(sent, 16 * 1024, 16 * 1024 * 1024);
    }

    /// <summary>
    /// What is allocated for one request. The first ones build what all later ones use, and something else may allocate at the same time: the
    /// least of three counts.
    /// </summary>
    private static async Task<(T Answer, long Allocated)> MeasuredAsync<T>(Func<Task<T>> request)
    {
        var (answer, least) = (default(T)!, long.MaxValue);
        for (var times = 0; times < 3 && least > MostAllocated; times++)
        {
            var before = GC.GetTotalAllocatedBytes();
            answer = await request();
            least = Math.Min(least, GC.GetTotalAllocatedBytes() - before);
        }

        return (answer, least);
    }

    private async Task<StatusCode> GrpcStatusAsync(HttpClient client, string path, string credential)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{Address}{path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new WithheldContent(),
        };
        AddCredential(request.Headers, credential);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation).WaitAsync(Patience, TimeProvider.System, Cancellation);
        return answer.Headers.TryGetValues("grpc-status", out var values) ? (StatusCode)int.Parse(values.Single(), null) : StatusCode.OK;
    }

    private IEnumerable<(RouteEndpoint Route, CallTerms Terms)> Routes(bool grpc) => Server.Endpoints.Cast<RouteEndpoint>()
        .Where(r => IsGrpc(r) == grpc)
        .DistinctBy(r => CallTable.KeyOf(r) == CallTable.StaticFile ? CallTable.StaticFile : r.RoutePattern.RawText + string.Join(',', MethodsOf(r)))
        .Select(r => (r, r.Metadata.GetMetadata<CallTerms>()!));

    private static bool IsGrpc(RouteEndpoint route) =>
        route.Metadata.GetMetadata<GrpcMethodMetadata>() is { } method ? route.RoutePattern.RawText == method.Method.FullName
        : route.RoutePattern.RawText!.Contains("unimplemented", StringComparison.Ordinal);

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>() is { HttpMethods: [_, ..] methods } ? methods : ["GET", "POST"];

    /// <summary>Nobody, somebody unknown, and whoever has too low a role, each with the statuses that say so.</summary>
    private IEnumerable<(string Credential, string[] Statuses)> Callers(Access access)
    {
        if (access == Access.Anyone)
        {
            // What everyone gets takes no body, or a form.
            return [("", ["413", "415", "404"])];
        }

        return new (string, string[])[] { (access == Access.Login ? "Bearer nonsense" : "", ["401"]), (access == Access.Page ? "cookie nonsense" : "Bearer nonsense", ["401"]) }
            .Concat(_tooLow.TryGetValue(access, out var low) ? [("Bearer " + low, ["403"])] : []);
    }

    private async Task<string> AnswerAsync(string method, string path, string credential)
    {
        using var connection = await RawHttp.ConnectAsync(Address, tls: true, Cancellation);
        var header = credential.Length == 0 ? ""
            : credential.StartsWith("cookie", StringComparison.Ordinal) ? $"cookie: __Host-artel-{Address.Port}=nonsense\r\n"
            : $"authorization: {credential}\r\n";
        await connection.SendAsync(
            $"{method} {path} HTTP/1.1\r\nhost: {Address}\r\ncontent-type: application/json\r\ncontent-length: {BodyBytes}\r\n{header}\r\n", Cancellation);
        try
        {
            return await connection.ReadToEndAsync(Cancellation).WaitAsync(Patience, TimeProvider.System, Cancellation);
        }
        catch (TimeoutException)
        {
            return "it did not end";
        }
    }

    private static void AddCredential(HttpRequestHeaders headers, string credential)
    {
        if (credential.Length > 0)
        {
            headers.TryAddWithoutValidation("authorization", credential);
        }
    }

    private static string PathOf(RouteEndpoint route) => "/" + Parameter().Replace(route.RoutePattern.RawText!, "1").TrimStart('/');

    private async Task<string> SecretAsync(Role role) => (await Server.AccessAsync(role, role.ToString())).Secret;

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    /// <summary>A body that never begins.</summary>
    private sealed class WithheldContent : HttpContent
    {
        public WithheldContent()
        {
            Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        protected override Task SerializeToStreamAsync(System.IO.Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(System.IO.Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            // The headers leave with this.
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // gRPC announces the length of each message, not of the body.
        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
