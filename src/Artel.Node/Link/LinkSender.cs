using System.Collections.Concurrent;
using Artel.Node.Leases;
using Artel.Node.Spool;
using Artel.Node.Work;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Artel.Node.Link;

/// <summary>
/// The one writer of a link. A heartbeat that is due goes before everything else, and no message is so long that it would keep one
/// waiting: long output has a connection of its own. What became ready while a message was on its way goes together in the next.
/// </summary>
internal sealed class LinkSender(
    NodeAgentOptions options, Workplace workplace, ResultSpool spool, LeaseTable leases, ExclusiveTerm term)
{
    private const int EndedBytesAtOnce = 256 * 1024;
    private const int EndedAtOnce = 4096;
    private const int StartedAtOnce = 4096;

    // Under load messages are on average this far apart.
    private static readonly TimeSpan BatchPeriod = TimeSpan.FromMilliseconds(5);

    // While the node has tasks that it can start before anybody answers, nobody waits for the message: then more go together, which is
    // what short tasks cost the least with. Less than half of what the server gives ahead (WorkAhead), so that it never runs out.
    private static readonly TimeSpan BusyBatchPeriod = TimeSpan.FromMilliseconds(20);

    // A few in a row go at once after a pause: the start and the end of one short task, which someone may be waiting for.
    private static readonly TimeSpan Burst = 3 * BatchPeriod;

    // One for each question of the server on this link.
    private readonly ConcurrentQueue<Inspected> _inspected = new();

    private TimeSpan _heartbeatPeriod;
    private long _inlineOutputBytes;
    private int _heartbeatIsDue;
    private TimeSpan _nextBatchAt;
    private volatile string? _goodbye;
    private ITimer? _goodbyeTimer;
    private volatile bool _patienceIsOver;

    public bool SaidGoodbye { get; private set; }

    /// <summary>What the Welcome said.</summary>
    public void Begin(TimeSpan heartbeatPeriod, long inlineOutputBytes)
    {
        _heartbeatPeriod = heartbeatPeriod;
        _inlineOutputBytes = inlineOutputBytes;
    }

    /// <summary>Any thread.</summary>
    public void SayGoodbye(string reason)
    {
        _goodbyeTimer = options.Time.CreateTimer(
            _ =>
            {
                _patienceIsOver = true;
                Wake();
            },
            null, options.StopPatience, Timeout.InfiniteTimeSpan);
        _goodbye = reason;
        Wake();
    }

    /// <summary>Sends an answer of this link. Any thread.</summary>
    public void AddInspected(Inspected answer)
    {
        _inspected.Enqueue(answer);
        Wake();
    }

    /// <summary>Something changed that it may be waiting for.</summary>
    public void Wake() => leases.HasNews.Set();

    /// <summary>Writes until the goodbye was said or the link is ended.</summary>
    public async Task RunAsync(IClientStreamWriter<NodeMessage> stream, CancellationToken ct)
    {
        using var heartbeat = options.Time.CreateTimer(_ => OnHeartbeatDue(), null, TimeSpan.Zero, _heartbeatPeriod);
        using var goodbyeTimer = _goodbyeTimer;
        while (true)
        {
            if (Interlocked.Exchange(ref _heartbeatIsDue, 0) == 1)
            {
                await stream.WriteAsync(new NodeMessage { Heartbeat = Heartbeat() }, ct);
            }
            else if (await MayGatherAsync(ct))
            {
                // Something of more importance may have come meanwhile.
            }
            else if (HasNews)
            {
                foreach (var message in NextMessages())
                    await stream.WriteAsync(message, ct);

                Pace();
            }
            else if (_goodbye is { } reason && (_patienceIsOver || leases.Counts.Results == 0))
            {
                await stream.WriteAsync(new NodeMessage { Goodbye = new Goodbye { Reason = reason } }, ct);
                SaidGoodbye = true;
                await stream.CompleteAsync();
                return;
            }
            else
            {
                await leases.HasNews.WaitAsync(ct);
            }
        }
    }

    private bool HasNews => leases.HasNewsNow || !_inspected.IsEmpty;

    /// <summary>A heartbeat goes as soon as it can, whenever the next one is due.</summary>
    public void OnHeartbeatDue()
    {
        Interlocked.Exchange(ref _heartbeatIsDue, 1);
        Wake();
    }

    /// <summary>Only a node with exclusive tasks wants its heartbeats answered.</summary>
    private Heartbeat Heartbeat()
    {
        var heartbeat = workplace.Heartbeat();
        heartbeat.Number = workplace.HasExclusive ? term.NextHeartbeat() : 0;
        return heartbeat;
    }

    /// <summary>Lets a batch gather for a while where many have just gone. False: it has.</summary>
    private async ValueTask<bool> MayGatherAsync(CancellationToken ct)
    {
        var left = _nextBatchAt - Burst - Now;
        if (!HasNews || left <= TimeSpan.Zero)
            return false;

        await Task.Delay(left, options.Time, ct);
        return true;
    }

    /// <summary>A batch has gone. When the next one may (GCRA: a leaky bucket without a timer, ITU-T I.371).</summary>
    private void Pace()
    {
        var now = Now;
        var period = leases.Counts.Assigned > 0 ? BusyBatchPeriod : BatchPeriod;
        _nextBatchAt = (_nextBatchAt > now ? _nextBatchAt : now) + period;
    }

    private TimeSpan Now => options.Time.GetElapsedTime(0);

    /// <summary>What is to be told now. Ends go before the starts that they made room for; of what has ended no start is told.</summary>
    private List<NodeMessage> NextMessages()
    {
        var messages = new List<NodeMessage>(3);
        var returned = leases.TakeReturned();
        if (returned.Count > 0)
            messages.Add(new NodeMessage { Returned = new Returned { Leases = { returned } } });

        // Taken in the other order than they are sent: what made room for a start that is taken here has ended before.
        var started = leases.TakeStarts(StartedAtOnce);
        var ended = TakeEnded();
        if (ended.Results.Count > 0)
            messages.Add(new NodeMessage { Ended = ended });

        if (started.Count > 0)
        {
            var over = ended.Results.Select(r => LeaseId.Of(r.Lease)).ToHashSet();
            var message = new Started();
            foreach (var (lease, startedAt) in started.Where(s => !over.Contains(s.Lease)))
            {
                var at = Timestamp.FromDateTimeOffset(startedAt);
                message.Attempts.Add(new AttemptStarted { Lease = lease.ToLease(), At = at });
            }

            if (message.Attempts.Count > 0)
                messages.Add(new NodeMessage { Started = message });
        }

        while (_inspected.TryDequeue(out var inspected))
            messages.Add(new NodeMessage { Inspected = inspected });

        return messages;
    }

    private Ended TakeEnded()
    {
        var ended = new Ended();
        var bytes = 0;
        while (bytes < EndedBytesAtOnce && ended.Results.Count < EndedAtOnce && leases.TryTakeEnd(out var lease))
        {
            // It may have been settled meanwhile.
            if (spool.Find(lease)?.Announcement(_inlineOutputBytes) is not { } result)
                continue;

            if (result.Outcome == AttemptOutcome.Lost)
                Log.ResultLost(options.Log, lease.ToString(), result.Message);

            ended.Results.Add(result);
            bytes += result.StdoutData.Length + result.StderrData.Length;
        }

        return ended;
    }
}
