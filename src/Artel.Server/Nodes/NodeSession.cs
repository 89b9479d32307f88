using System.Collections.Concurrent;
using System.Threading.Channels;
using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.Nodes.Messages;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>The server's end of one link to a node: what is to be sent, and what is known of the other side. Safe from any thread.</summary>
internal sealed class NodeSession(NodeId node, Incarnation incarnation, AwakeTime awake) : IDisposable
{
    /// <summary>A node that leaves so many messages unread is not reading.</summary>
    private const int MaxUnread = 4096;

    private static long _lastNumber;

    private readonly Channel<V1.ServerMessage> _outbox = Channel.CreateBounded<V1.ServerMessage>(
        new BoundedChannelOptions(MaxUnread) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly CancellationTokenSource _closed = new();
    private long _lastHeard = awake.Now.Ticks;
    private TimeSpan? _lastHeartbeat;

    /// <summary>Tells the sessions of one node apart.</summary>
    public long Number { get; } = Interlocked.Increment(ref _lastNumber);

    public NodeId Node { get; } = node;

    public Incarnation Incarnation { get; } = incarnation;

    /// <summary>Where its agent runs, for people. Null: a classic node, which cannot be asked whether it is alive.</summary>
    public string? Origin { get; init; }

    /// <summary>Cancelled when the link is to end.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>How long the server had been awake when a message came last.</summary>
    public TimeSpan LastHeard => new(Interlocked.Read(ref _lastHeard));

    /// <summary>For how long no message came while the server listened.</summary>
    public TimeSpan Silence => awake.Now - LastHeard;

    /// <summary>Nothing is expected of the node now.</summary>
    public bool MayBeSilent { get; set; }

    /// <summary>It was closed because the node had been silent for too long.</summary>
    public bool WasSilent { get; private set; }

    /// <summary>As its last heartbeat said.</summary>
    public V1.NodeState State { get; set; } = V1.NodeState.Waiting;

    /// <summary>What it said last of why it takes no work. Only for the reader of its messages.</summary>
    public string Problem { get; set; } = "";

    /// <summary>Attempts that were killed there and have not ended, as last reported.</summary>
    public UnendedAttempt[] Unended { get; set; } = [];

    /// <summary>An operator asked the agent to end: its goodbye is also the end of its draining.</summary>
    public bool StopRequested { get; set; }

    /// <summary>Results whose output was announced and has not come yet. Of most nodes there are none at most times.</summary>
    public ConcurrentDictionary<Lease, EndedAttempt> Announced { get; } = new(concurrencyLevel: 1, capacity: 1);

    /// <summary>Questions about places that it has not answered yet.</summary>
    public ConcurrentDictionary<ulong, TaskCompletionSource<IReadOnlyList<V1.Lack>>> Inspections { get; } =
        new(concurrencyLevel: 1, capacity: 1);

    public ChannelReader<V1.ServerMessage> Outbox => _outbox.Reader;

    /// <summary>Notes a heartbeat. Only for the reader of its messages.</summary>
    /// <returns>Whether it came more than half a period late, in time in which the server listened.</returns>
    public bool IsLate(TimeSpan period)
    {
        var (now, before) = (awake.Now, _lastHeartbeat);
        _lastHeartbeat = now;
        return now - before > period * 1.5;
    }

    public void Heard() => Interlocked.Exchange(ref _lastHeard, awake.Now.Ticks);

    /// <summary>Queues a message. A link that does not take it is closed: what the node missed it learns when it connects again.</summary>
    public void Send(V1.ServerMessage message)
    {
        if (!_outbox.Writer.TryWrite(message))
        {
            Close();
        }
    }

    /// <summary>What is queued goes out, and the link ends.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Lets what is queued go out, with a last word, and ends the link.</summary>
    public void Leave(string reason, bool reconnect)
    {
        IsLeaving = true;
        Send(new V1.ServerMessage { Leave = new V1.Leave { Reason = reason, Reconnect = reconnect } });
        _outbox.Writer.TryComplete();
    }

    public void CloseSilent()
    {
        WasSilent = true;
        Close();
    }

    public void Close()
    {
        _outbox.Writer.TryComplete();

        // What others have registered runs elsewhere: the committer must not wait for it, and what it throws is not the committer's.
        _ = _closed.CancelAsync();
    }

    /// <summary>Its link has ended, and with it what else the node has under way. Whoever still has the session may go on sending to it, in vain.</summary>
    public void Dispose() => Close();
}
