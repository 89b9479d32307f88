using System.Diagnostics;
using System.Net;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Tests.Api;
using Artel.Server.Tests.Support;
using Artel.Testing;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Edge;

/// <summary>All connections of a server in the hands of those who send bytes now and then, and somebody with a token who wants an answer.</summary>
[Collection(AloneCollection.Name)]
public sealed class ConnectionLimitTests
{
    private const int MaxConnections = 88;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("POST /v1/jobs HTTP/1.1\r\nhost: x\r\nauthor")]
    [InlineData("POST /v1/jobs HTTP/1.1\r\nhost: x\r\ncontent-length: 67108864\r\n\r\n{")]
    [InlineData("POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 10000\r\n\r\ns")]
    public async Task Newcomers_cannot_keep_those_with_a_token_out(string beginning)
    {
        await using var server = await LiveServer.StartAsync(change: o => o with { MaxConnections = MaxConnections });
        var address = IPEndPoint.Parse(server.Life.Listening);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var opened = 0;
        var flood = Task.WhenAll(Enumerable.Range(0, MaxConnections).Select(_ => OccupyAsync(address, beginning, () => Interlocked.Increment(ref opened), stop.Token)));
        try
        {
            await Polling.UntilAsync(() => Task.FromResult(Volatile.Read(ref opened)), o => o >= MaxConnections, "they have had all connections");
            var watch = Stopwatch.StartNew();
            for (var answers = 0; answers < 5; answers++)
            {
                // A connection of its own each time, as the command line has. The attackers come from its own address, so they may displace it
                // while it connects: it tries again.
                await Polling.UntilAsync(() => IsAnsweredAsync(server), answered => answered, "it is answered", TimeSpan.FromSeconds(5));
            }

            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
            Assert.False(flood.IsCompleted);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(flood);
        }
    }

    private static async Task<bool> IsAnsweredAsync(LiveServer server)
    {
        using var channel = ClusterChannel.Open(server.Address, server.Address.Addresses[0]);
        try
        {
            await new Cluster.ClusterClient(channel.Authenticated(server.Address.Secret)).ListJobsAsync(
                new ListJobsRequest(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5), cancellationToken: Cancellation);
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            return false;
        }
    }

    /// <summary>Takes a connection, sends a byte now and then, and comes back when it is closed.</summary>
    private static async Task OccupyAsync(IPEndPoint address, string beginning, Action opened, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                using var connection = await RawHttp.ConnectAsync(address, tls: beginning.Length > 0, stop);
                opened();
                await connection.SendAsync(beginning, stop);
                while (!connection.IsClosed)
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
                    await connection.SendAsync("a", stop);
                }
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or System.Security.Authentication.AuthenticationException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
            }
        }
    }
}
