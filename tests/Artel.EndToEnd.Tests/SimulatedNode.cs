using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Task = System.Threading.Tasks.Task;

namespace Artel.EndToEnd.Tests;

/// <summary>
/// The link of a node agent without the agent: real protocol, real connection, its own credential; it reconnects as an agent does, and
/// runs nothing. So that there can be a thousand of them.
/// </summary>
internal sealed class SimulatedNode
{
    // As NodeAgentOptions has them.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly string _id;
    private readonly ClusterAccess _access;
    private readonly Random _random;
    private readonly ulong _incarnation;

    private SimulatedNode(string id, ClusterAccess access, Random random)
    {
        (_id, _access, _random) = (id, access, random);
        _incarnation = (ulong)random.NextInt64();
    }

    /// <summary>Buys a credential of its own with a join ticket.</summary>
    public static async Task<SimulatedNode> JoinAsync(string id, Ticket ticket, GrpcChannel channel, Random random)
    {
        var joined = await new NodeLink.NodeLinkClient(channel.Authenticated(ticket.Secret)).JoinAsync(new JoinRequest { Node = id });
        return new SimulatedNode(id, ClusterAccess.From(ticket) with { Secret = joined.Secret }, random);
    }

    /// <summary>Keeps its link up until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var tries = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await LinkAsync(() => tries = 0, stop);
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException)
            {
                if (stop.IsCancellationRequested)
                {
                    return;
                }
            }

            var ceiling = Math.Min(LongestDelay.TotalMilliseconds, FirstDelay.TotalMilliseconds * Math.Pow(2, Math.Min(tries++, 30)));
            await Task.Delay(TimeSpan.FromMilliseconds(_random.NextDouble() * ceiling), TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LinkAsync(Action welcomed, CancellationToken stop)
    {
        using var channel = ClusterChannel.Open(_access, _access.Addresses[0]);
        using var call = new NodeLink.NodeLinkClient(channel.Authenticated(_access.Secret)).Connect(cancellationToken: stop);
        var hello = new Hello { Node = _id, Incarnation = _incarnation, Version = "simulated", Host = "nowhere", Resources = new Resources { MilliCpus = 1000 } };
        await call.RequestStream.WriteAsync(new NodeMessage { Hello = hello }, stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var beating = Task.CompletedTask;
        try
        {
            while (await call.ResponseStream.MoveNext(stop))
            {
                if (call.ResponseStream.Current is { Welcome: { } welcome })
                {
                    welcomed();
                    beating = BeatAsync(call.RequestStream, welcome.HeartbeatPeriod.ToTimeSpan(), ending.Token);
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            await beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task BeatAsync(IClientStreamWriter<NodeMessage> stream, TimeSpan period, CancellationToken ending)
    {
        using var timer = new PeriodicTimer(period, TimeProvider.System);
        do
        {
            await stream.WriteAsync(new NodeMessage { Heartbeat = new Heartbeat { State = NodeState.Waiting } }, ending);
        }
        while (await timer.WaitForNextTickAsync(ending));
    }
}
