using System.IO.Hashing;
using Artel.Node.Capture;
using Artel.Node.Leases;
using Artel.Node.Processes;
using Artel.Node.Work;

namespace Artel.Node.Link;

/// <summary>
/// Sends the output of one attempt while it is being written, so that little is left to send at its end. All of it stays here nevertheless until
/// it is settled: whatever becomes of this, the output can be delivered anew.
/// </summary>
internal sealed class DeliveryAhead(OutputSender sender, Attempt attempt, LeaseTable leases, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    // The server can keep only some of these open: one that writes slowly gains nothing by it.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Signal _look = new();
    private readonly Sent _stdout = new(OutputStream.Stdout, attempt.Stdout);
    private readonly Sent _stderr = new(OutputStream.Stderr, attempt.Stderr);
    private bool _gaveUp;

    public LeaseId Lease => attempt.Lease;

    /// <summary>The server may have requested the output: the table says so. Any thread.</summary>
    public void Look() => _look.Set();

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

        if (!_stdout.IsWhole || !_stderr.IsWhole)
            throw new InvalidDataException("the file with its output was changed");
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
        while (leases.StateOf(Lease) is { } state)
        {
            if (state == LeaseState.Delivering)
                return true;

            using var patience = new CancellationTokenSource(LongestPause, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
            await _look.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
        }

        return false;
    }

    /// <summary>Sends the next of each stream where there is so much of it. False: of neither.</summary>
    private async ValueTask<bool> SendNextAsync(OutputPieces pieces, int least, CancellationToken ct)
    {
        var fromStdout = await _stdout.SendNextAsync(least, pieces, ct);
        var fromStderr = await _stderr.SendNextAsync(least, pieces, ct);
        return fromStdout + fromStderr > 0;
    }

    /// <summary>What was sent of a stream.</summary>
    private sealed class Sent(OutputStream stream, CapturedStream captured)
    {
        private readonly Crc32 _crc = new();
        private long _offset;

        /// <summary>True if all of it was sent as it was written. Only when it is complete.</summary>
        public bool IsWhole => _offset == captured.Length
            && (captured.FilePath is null || _crc.GetCurrentHashAsUInt32() == captured.FileCrc);

        public async ValueTask<int> SendNextAsync(int least, OutputPieces pieces, CancellationToken ct)
        {
            if (captured.Length - _offset < least)
                return 0;

            var count = captured.Read(_offset, pieces.Next.Span);
            _crc.Append(pieces.Next.Span[..count]);
            await pieces.SendAsync(stream, count, ct);
            _offset += count;
            return count;
        }
    }
}
