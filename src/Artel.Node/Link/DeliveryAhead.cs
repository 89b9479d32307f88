using Artel.Node.Capture;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Node.Work;

namespace Artel.Node.Link;

/// <summary>
/// Sends the output of one attempt while it is being written, so that little is left to send at its end. All of it stays here nevertheless until
/// it is settled: whatever becomes of this, the output can be delivered anew.
/// </summary>
internal sealed class DeliveryAhead(OutputSender sender, Attempt attempt, Workplace workplace, ResultSpool spool, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    // The server can keep only some of these open: one that writes slowly gains nothing by it.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _askedFor = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _stdoutSent;
    private long _stderrSent;
    private bool _gaveUp;

    public LeaseId Lease => attempt.Lease;

    /// <summary>The server has said OK to the length: somebody has to deliver it.</summary>
    public bool IsAskedFor => _askedFor.Task.IsCompleted;

    /// <summary>The server has said OK to the length. Any thread.</summary>
    public void Finish() => _askedFor.TrySetResult();

    /// <summary>False: it was not delivered, for no reason that anyone needs to know.</summary>
    /// <exception cref="HttpRequestException">It was not delivered.</exception>
    public async Task<bool> TryDeliverAsync(CancellationToken ct)
    {
        if (!attempt.Stdout.TryHold())
            return false;

        using var stdout = attempt.Stdout;
        if (!attempt.Stderr.TryHold())
            return false;

        using var stderr = attempt.Stderr;
        try
        {
            await sender.SendAsync(Lease, ahead: true, WriteAsync, ct);
            return true;
        }
        catch (Exception) when (_gaveUp)
        {
            return false;
        }
    }

    private async Task WriteAsync(OutputPieces pieces, CancellationToken ct)
    {
        if (!await FollowAsync(pieces, ct) || !await IsAskedForAsync(ct))
        {
            _gaveUp = true;
            throw new OperationCanceledException("it is not wanted now");
        }

        while (await SendNextAsync(pieces, least: 1, ct))
        {
        }
    }

    /// <summary>Sends what is written, in whole pieces, until the attempt has ended. False: it writes too slowly.</summary>
    private async Task<bool> FollowAsync(OutputPieces pieces, CancellationToken ct)
    {
        var sentAt = time.GetTimestamp();
        while (true)
        {
            // Asked before the read: what is complete then is read to its last whole piece.
            var isComplete = attempt.Stdout.IsComplete && attempt.Stderr.IsComplete;
            if (await SendNextAsync(pieces, OutputPieces.MostBytes, ct))
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
    private async ValueTask<bool> SendNextAsync(OutputPieces pieces, int least, CancellationToken ct)
    {
        var (stdout, stderr) = (attempt.Stdout, attempt.Stderr);
        var fromStdout = await SendNextAsync(OutputStream.Stdout, stdout, _stdoutSent, least, pieces, ct);
        var fromStderr = await SendNextAsync(OutputStream.Stderr, stderr, _stderrSent, least, pieces, ct);
        _stdoutSent += fromStdout;
        _stderrSent += fromStderr;
        return fromStdout + fromStderr > 0;
    }

    private static async ValueTask<int> SendNextAsync(
        OutputStream stream, CapturedStream captured, long offset, int least, OutputPieces pieces, CancellationToken ct)
    {
        if (captured.Length - offset < least)
            return 0;

        var count = captured.Read(offset, pieces.Next.Span);
        await pieces.SendAsync(stream, count, ct);
        return count;
    }
}
