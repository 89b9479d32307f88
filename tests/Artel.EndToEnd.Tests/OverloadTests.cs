using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace Artel.EndToEnd.Tests;

/// <summary>
/// Peers that ask for more than there is. Each is slowed or refused; meanwhile somebody else submits jobs one after the other, the node
/// keeps its link with a heartbeat of half a second and three seconds until it would be lost, and the server's memory stays bounded.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class OverloadTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const long MostMemory = 600L << 20;
    private static readonly TimeSpan Overload = TimeSpan.FromSeconds(6);

    private TestCluster _cluster = null!;
    private GrpcChannel _channel = null!;
    private Cluster.ClusterClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(heartbeat: "500ms", lostAfter: "3s", nodes: ["1"]);
        (_channel, _client) = await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Clients_that_submit_without_end()
    {
        await OthersDoNotNoticeAsync("8 clients that submit", async stop =>
        {
            var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync()));
            var submitted = await Task.WhenAll(clients.Select(async c =>
            {
                var count = 0;
                for (; !stop.IsCancellationRequested; count++)
                {
                    await c.Client.SubmitAsync(new SubmitRequest { Job = Echo(tasks: 100, hold: true) });
                }

                return count;
            }));
            Array.ForEach(clients, c => c.Channel.Dispose());
            return $"{submitted.Sum()} jobs";
        });
    }

    [Fact]
    public async Task Watchers_that_do_not_read()
    {
        var job = (await _client.SubmitAsync(new SubmitRequest { Job = Echo(tasks: 20_000, text: new string('x', 900)) })).Job;
        var calls = new List<IDisposable>();
        await OthersDoNotNoticeAsync("300 watchers that do not read", async stop =>
        {
            for (var i = 0; i < 100; i++)
            {
                calls.Add(_client.WatchJob(new GetJobRequest { Job = job }, cancellationToken: CancellationToken.None));
                calls.Add(_client.FetchResults(new FetchResultsRequest { Job = job, Follow = true }, cancellationToken: CancellationToken.None));
                calls.Add(_client.ReadOutput(new ReadOutputRequest { Job = job, Task = i + 1, Follow = true }, cancellationToken: CancellationToken.None));
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return $"{(await _client.GetJobAsync(new GetJobRequest { Job = job }, cancellationToken: CancellationToken.None)).Counts.Succeeded} tasks done meanwhile";
        });
        calls.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Ten_thousand_connections_that_say_nothing()
    {
        var address = IPEndPoint.Parse(_cluster.Address);
        var sockets = new List<Socket>();
        await OthersDoNotNoticeAsync("10,000 idle connections", async stop =>
        {
            while (sockets.Count < 10_000 && !stop.IsCancellationRequested)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(address, CancellationToken.None);
                sockets.Add(socket);
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return $"{sockets.Count} opened";
        });

        // They are not kept for long, either.
        await Polling.UntilAsync(
            () => Task.FromResult(sockets.Count(s => !(s.Poll(0, SelectMode.SelectRead) && s.Available == 0))), open => open == 0, "all of them are closed by the server");
        sockets.ForEach(s => s.Dispose());
    }

    /// <summary>Runs a load for some seconds, and beside it what must not suffer from it.</summary>
    private async Task OthersDoNotNoticeAsync(string what, Func<CancellationToken, Task<string>> load)
    {
        // The first ones compile what they run through.
        await SubmitForAsync(TimeSpan.FromSeconds(1));
        var calm = await SubmitForAsync(TimeSpan.FromSeconds(2));
        using var stop = new CancellationTokenSource(Overload, TimeProvider.System);
        var loading = load(stop.Token);
        var busy = await SubmitForAsync(Overload);
        var did = await loading;

        var silence = busy.Silences.Max();
        var memory = PeakMemory.OfProcess(_cluster.Server.Id);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what} ({did}): submit p50 {Percentile(calm.Times, 50):0.0} -> {Percentile(busy.Times, 50):0.0} ms, p99 {Percentile(calm.Times, 99):0.0} -> {Percentile(busy.Times, 99):0.0} ms; node silent for {silence.TotalMilliseconds:0} ms at most; server {memory >> 20} MB"));
        Assert.InRange(Percentile(busy.Times, 99), 0, 1000);
        Assert.InRange(silence, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.InRange(memory, 1, MostMemory);
        Assert.DoesNotContain("Node 1 disconnected", _cluster.Server.Errors, StringComparison.Ordinal);
    }

    /// <summary>Submits small jobs one after the other, and asks how long the node has not been heard.</summary>
    private async Task<(List<double> Times, List<TimeSpan> Silences)> SubmitForAsync(TimeSpan time)
    {
        var (channel, client) = await OpenAsync();
        using var _ = channel;
        var (times, silences) = (new List<double>(), new List<TimeSpan>());
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
        {
            var before = watch.Elapsed;
            await client.SubmitAsync(new SubmitRequest { Job = Echo(tasks: 1) });
            times.Add((watch.Elapsed - before).TotalMilliseconds);
            var node = await client.GetNodeAsync(new GetNodeRequest { Id = "1" });
            silences.Add(TimeProvider.System.GetUtcNow() - node.LastHeartbeat.ToDateTimeOffset());
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        return (times, silences);
    }

    private async Task<(GrpcChannel Channel, Cluster.ClusterClient Client)> OpenAsync()
    {
        var ticket = Tickets.Parse(await _cluster.AdminTicketAsync(), out var _)!;
        var channel = ClusterChannel.Open(ClusterAccess.From(ticket), _cluster.Address);
        return (channel, new Cluster.ClusterClient(channel.Authenticated(ticket.Secret)));
    }

    private static JobSpec Echo(int tasks, string text = "hello", bool hold = false) => new()
    {
        Name = "echo",
        Hold = hold,
        Tasks =
        {
            new TaskTemplate
            {
                Run = { "echo", text },
                Array = tasks == 1 ? null : new IndexSet { Ranges = { new IndexRange { First = 1, Last = tasks } } },
            },
        },
    };

    private static double Percentile(List<double> values, int percent) => values.Order().ElementAt(Math.Min(values.Count - 1, values.Count * percent / 100));
}
