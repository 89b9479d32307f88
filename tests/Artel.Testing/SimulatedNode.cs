using System.Threading.Channels;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Ends = Artel.Protocol.V1.Ended;
using Task = System.Threading.Tasks.Task;

namespace Artel.Testing;

/// <summary>
/// The link of a node agent without the agent: real protocol, real connection, its own credential; it reconnects as an agent does, and
/// runs nothing: what it is granted has succeeded at once, unless its work is another. So that there can be thousands of them.
/// </summary>
public sealed class SimulatedNode
{
    // As NodeAgentOptions has them.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    // As LinkSender has it.
    private const int EndedAtOnce = 4096;
    private const int EndedBytesAtOnce = 256 * 1024;

    private readonly string _id;
    private readonly ClusterAccess _access;
    private readonly Random _random;
    private readonly ulong _incarnation;
    private readonly SimulatedWork _work;
    private readonly TaskCompletionSource _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SimulatedNode(string id, ClusterAccess access, Random random, SimulatedWork work)
    {
        (_id, _access, _random, _work) = (id, access, random, work);
        _incarnation = (ulong)random.NextInt64();
    }

    /// <summary>Ends with the first welcome.</summary>
    public Task Welcomed => _welcomed.Task;

    /// <summary>Buys a credential of its own with a join ticket.</summary>
    /// <param name="work">Not set: everything succeeds at once.</param>
    public static async Task<SimulatedNode> JoinAsync(string id, Ticket ticket, GrpcChannel channel, Random random, SimulatedWork? work = null)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        ArgumentNullException.ThrowIfNull(random);
        var joined = await new NodeLink.NodeLinkClient(channel.Authenticated(ticket.Secret)).JoinAsync(new JoinRequest { Node = id });
        return new SimulatedNode(id, ClusterAccess.From(ticket) with { Secret = joined.Secret }, random, work ?? new SimulatedWork());
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
        var hello = new Hello { Node = _id, Incarnation = _incarnation, Version = "simulated", Host = "nowhere", Resources = new Resources { MilliCpus = _work.MilliCpus } };
        await call.RequestStream.WriteAsync(new NodeMessage { Hello = hello }, stop);

        // A link has one writer.
        var outbox = Channel.CreateBounded<NodeMessage>(new BoundedChannelOptions(16) { SingleReader = true });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var sending = SendAsync(outbox.Reader, call.RequestStream, ending.Token);
        var beating = Task.CompletedTask;
        var queue = Channel.CreateUnbounded<Lease>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var working = _work.TakesTime ? WorkAsync(queue.Reader, outbox.Writer, ending.Token) : Task.CompletedTask;
        try
        {
            while (await call.ResponseStream.MoveNext(stop))
            {
                switch (call.ResponseStream.Current)
                {
                    case { Welcome: { } welcome }:
                        welcomed();
                        _welcomed.TrySetResult();
                        beating = BeatAsync(outbox.Writer, welcome.HeartbeatPeriod.ToTimeSpan(), ending.Token);
                        break;
                    case { Assign: { } assign } when !_work.Ends:
                        await StartAsync(assign, outbox.Writer, stop);
                        break;
                    case { Assign: { } assign } when _work.TakesTime:
                        foreach (var lease in LeasesOf(assign))
                        {
                            queue.Writer.TryWrite(lease);
                        }

                        break;
                    case { Assign: { } assign }:
                        await EndAsync(LeasesOf(assign), TimeProvider.System.GetUtcNow(), outbox.Writer, stop);
                        break;
                    default:
                        break;
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(beating, sending, working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task SendAsync(ChannelReader<NodeMessage> outbox, IClientStreamWriter<NodeMessage> stream, CancellationToken ending)
    {
        await foreach (var message in outbox.ReadAllAsync(ending))
        {
            await stream.WriteAsync(message, ending);
        }
    }

    private static async Task StartAsync(Assign assign, ChannelWriter<NodeMessage> outbox, CancellationToken stop)
    {
        var at = TimeProvider.System.GetUtcNow().ToTimestamp();
        var started = new Started { Attempts = { LeasesOf(assign).Select(l => new AttemptStarted { Lease = l, At = at }) } };
        await outbox.WriteAsync(new NodeMessage { Started = started }, stop);
    }

    private static IEnumerable<Lease> LeasesOf(Assign assign)
    {
        foreach (var leases in assign.Grants.Select(g => g.Leases))
        {
            for (var i = 0; i < leases.Count; i++)
            {
                yield return new Lease { Epoch = leases.Epoch, Sequence = leases.FirstSequence + i };
            }
        }
    }

    /// <summary>Ends what it was granted, as many at a time as there are cpus, each such round after the time of a task.</summary>
    private async Task WorkAsync(ChannelReader<Lease> queue, ChannelWriter<NodeMessage> outbox, CancellationToken ending)
    {
        var slots = Math.Max(1, _work.MilliCpus / 1000);
        var running = new List<Lease>(slots);
        while (await queue.WaitToReadAsync(ending))
        {
            while (running.Count < slots && queue.TryRead(out var lease))
            {
                running.Add(lease);
            }

            var started = TimeProvider.System.GetUtcNow();
            await Task.Delay(_work.TaskTime, TimeProvider.System, ending);
            await EndAsync(running, started, outbox, ending);
            running.Clear();
        }
    }

    /// <summary>Tells of everything that was granted what an agent tells of <c>/bin/true</c>, or of a program that writes something.</summary>
    private async Task EndAsync(IEnumerable<Lease> leases, DateTimeOffset at, ChannelWriter<NodeMessage> outbox, CancellationToken stop)
    {
        var started = at.ToTimestamp();
        var output = new OutputInfo { Length = _work.Output.Length, Written = _work.Output.Length };
        var most = Math.Min(EndedAtOnce, _work.Output.Length == 0 ? EndedAtOnce : EndedBytesAtOnce / _work.Output.Length);
        var usage = new Usage
        {
            Wall = _work.TaskTime.ToDuration(),
            User = (_work.TaskTime / 4).ToDuration(),
            System = (_work.TaskTime / 2).ToDuration(),
            PeakMemoryBytes = 1 << 20,
        };
        var fails = _work.Failure.Length > 0;
        var errors = ByteString.CopyFromUtf8(_work.Failure);
        var error = new OutputInfo { Length = errors.Length, Written = errors.Length };
        foreach (var some in leases.Chunk(most))
        {
            var ended = new Ends
            {
                Results =
                {
                    some.Select(lease => new AttemptResult
                    {
                        Lease = lease,
                        State = fails ? NodeState.Failed : NodeState.Succeeded,
                        Outcome = fails ? AttemptOutcome.Failed : AttemptOutcome.Succeeded,
                        ExitStatus = fails ? 3 : 0,
                        Message = _work.Failure,
                        Started = started,
                        Usage = usage,
                        Stdout = output,
                        StdoutData = _work.Output,
                        Stderr = error,
                        StderrData = errors,
                    }),
                },
            };
            await outbox.WriteAsync(new NodeMessage { Ended = ended }, stop);
        }
    }

    private static async Task BeatAsync(ChannelWriter<NodeMessage> outbox, TimeSpan period, CancellationToken ending)
    {
        using var timer = new PeriodicTimer(period, TimeProvider.System);
        do
        {
            await outbox.WriteAsync(new NodeMessage { Heartbeat = new Heartbeat { State = NodeState.Waiting } }, ending);
        }
        while (await timer.WaitForNextTickAsync(ending));
    }
}
