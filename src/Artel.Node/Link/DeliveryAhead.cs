using Artel.Node.Capture;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Node.Work;
using Artel.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;
using Attempt = Artel.Node.Work.Attempt;

namespace Artel.Node.Link;

/// <summary>
/// Sends the output of one attempt while it is being written, so that little is left to send at its end. All of it stays here nevertheless until
/// it is settled: whatever becomes of this, the output can be delivered anew.
/// </summary>
internal sealed class DeliveryAhead(NodeLink.NodeLinkClient client, Attempt attempt, Workplace workplace, ResultSpool spool, TimeProvider time)
{
    // As OutputDelivery has it.
    private const int ChunkBytes = OutputDelivery.ChunkBytes;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    // The server can keep only some of these open: one that writes slowly gains nothing by it.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _askedFor = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _buffer = new byte[ChunkBytes];
    private Lease? _first = attempt.Lease.ToLease();
    private long _stdoutSent;
    private long _stderrSent;

    public LeaseId Lease => attempt.Lease;

    /// <summary>The server has said OK to the length: somebody has to deliver it.</summary>
    public bool IsAskedFor => _askedFor.Task.IsCompleted;

    /// <summary>The server has said OK to the length. Any thread.</summary>
    public void Finish() => _askedFor.TrySetResult();

    /// <summary>False: it was not delivered, for no reason that anyone needs to know.</summary>
    /// <exception cref="RpcException">It was not delivered.</exception>
    public async Task<bool> TryDeliverAsync(CancellationToken ct)
    {
        if (!attempt.Stdout.TryHold())
            return false;

        using var stdout = attempt.Stdout;
        if (!attempt.Stderr.TryHold())
            return false;

        using var stderr = attempt.Stderr;

        // Disposed before it is complete it is cancelled, and the server forgets it.
        using var call = client.Deliver(cancellationToken: ct);
        try
        {
            if (!await FollowAsync(call.RequestStream, ct) || !await IsAskedForAsync(ct))
                return false;

            while (await SendNextAsync(call.RequestStream, least: 1, ct))
            {
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException && !ct.IsCancellationRequested)
        {
            // The server ended the call while it was being sent: its status, below, says why.
        }

        await call;
        return true;
    }

    /// <summary>Sends what is written, in whole chunks, until the attempt has ended. False: it writes too slowly.</summary>
    private async Task<bool> FollowAsync(IClientStreamWriter<DeliverChunk> destination, CancellationToken ct)
    {
        var sentAt = time.GetTimestamp();
        while (true)
        {
            // Asked before the read: what is complete then is read to its last whole chunk.
            var isComplete = attempt.Stdout.IsComplete && attempt.Stderr.IsComplete;
            if (await SendNextAsync(destination, ChunkBytes, ct))
            {
                sentAt = time.GetTimestamp();
            }
            else if (isComplete)
            {
                return true;
            }
            else if (time.GetElapsedTime(sentAt) > LongestPause)
            {
                return false;
            }
            else
            {
                await Task.Delay(LookAgain, time, ct);
            }
        }
    }

    /// <summary>Waits until the server has said OK to the length. False: it never will, for the result is not kept or not wanted.</summary>
    private async Task<bool> IsAskedForAsync(CancellationToken ct)
    {
        while (!IsAskedFor)
        {
            await Task.WhenAny(_askedFor.Task, Task.Delay(LongestPause, time, ct));
            ct.ThrowIfCancellationRequested();

            // In this order: a lease is in one of the two at any time.
            if (workplace.Find(Lease) is null && spool.Find(Lease) is null)
                return false;
        }

        return true;
    }

    /// <summary>Sends the next of each stream where there is so much of it. False: of neither.</summary>
    private async ValueTask<bool> SendNextAsync(IClientStreamWriter<DeliverChunk> destination, int least, CancellationToken ct)
    {
        var (stdout, stderr) = (attempt.Stdout, attempt.Stderr);
        var fromStdout = await SendNextAsync(OutputStream.Stdout, stdout, _stdoutSent, least, destination, ct);
        var fromStderr = await SendNextAsync(OutputStream.Stderr, stderr, _stderrSent, least, destination, ct);
        _stdoutSent += fromStdout;
        _stderrSent += fromStderr;
        return fromStdout + fromStderr > 0;
    }

    private async ValueTask<int> SendNextAsync(
        OutputStream stream, CapturedStream captured, long offset, int least, IClientStreamWriter<DeliverChunk> destination, CancellationToken ct)
    {
        if (captured.Length - offset < least)
            return 0;

        var count = captured.Read(offset, _buffer);
        var chunk = new DeliverChunk
        {
            Stream = (Artel.Protocol.V1.Stream)stream,

            // Written, thus serialised, before the buffer is used again.
            Data = UnsafeByteOperations.UnsafeWrap(_buffer.AsMemory(0, count)),
        };
        if (_first is not null)
            (chunk.Lease, chunk.Ahead, _first) = (_first, true, null);

        await destination.WriteAsync(chunk, ct);
        return count;
    }
}
