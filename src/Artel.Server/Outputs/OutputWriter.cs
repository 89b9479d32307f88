using System.Buffers;
using Artel.Core;

namespace Artel.Server.Outputs;

/// <summary>
/// Takes one output as it arrives, in pieces of any size, and holds at most one block of it in memory. The room for the whole of it
/// was taken when it began, or it has a segment of its own, so several outputs of a job can arrive at the same time. Used by one caller at a
/// time. Disposed before <see cref="CompleteAsync"/>, it leaves nothing behind that anyone would find.
/// </summary>
internal sealed class OutputWriter : IAsyncDisposable
{
    // 32 MiB: some tens of milliseconds of a disk's time.
    private const long BlocksBetweenFlushes = (32 << 20) / OutputRecord.BlockBytes;

    private readonly OutputStore _store;
    private readonly OutputKey _key;
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(OutputRecord.BlockBytes);
    private readonly Segment? _segment;
    private readonly long _offset;
    private readonly bool _isAlone;
    private long _written;
    private long _blocks;
    private long _promised;
    private int _inBlock;
    private Task _flushing = Task.CompletedTask;
    private bool _isOver;

    /// <param name="segment">Null where the output is short enough to be kept inline.</param>
    public OutputWriter(OutputStore store, OutputKey key, long length, long written, Segment? segment, long offset)
    {
        (_store, _key, _written, _segment, _offset, Length, Remaining) = (store, key, written, segment, offset, length, length);
        _promised = segment is null || length == long.MaxValue ? 0 : OutputRecord.Size(length);
    }

    /// <summary>Of an output that may grow until <see cref="TryAnnounce"/>.</summary>
    /// <param name="segment">Its own.</param>
    public OutputWriter(OutputStore store, OutputKey key, Segment segment)
        : this(store, key, long.MaxValue, 0, segment, 0)
    {
        _isAlone = true;
    }

    /// <summary>Bytes that were announced.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the announced length that have not arrived yet.</summary>
    public long Remaining { get; private set; }

    /// <summary>How long an output is that may grow until now. False: more of it has come than that.</summary>
    /// <param name="written">Bytes that the process wrote.</param>
    public bool TryAnnounce(long length, long written)
    {
        var received = Length - Remaining;
        if (length < received)
        {
            return false;
        }

        (Length, Remaining, _written) = (length, length - received, written);
        return true;
    }

    /// <summary>Takes the next piece, at most <see cref="Remaining"/> bytes: the caller checks that its peer keeps to what it announced.</summary>
    /// <exception cref="Storage.NoRoomException">The disk has no room for it.</exception>
    /// <exception cref="Storage.StoreException">The disk is broken.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        if (data.Length > Remaining)
        {
            throw new ArgumentException($"{data.Length} bytes of {_key} arrived where {Remaining} were left", nameof(data));
        }

        Remaining -= data.Length;
        while (!data.IsEmpty)
        {
            var taken = Math.Min(data.Length, OutputRecord.BytesOf(_blocks) - _inBlock);
            data[..taken].CopyTo(_block.AsMemory(_inBlock));
            data = data[taken..];
            _inBlock += taken;
            if (_inBlock == OutputRecord.BytesOf(_blocks))
            {
                await WriteBlockAsync(cancellation);
            }
        }
    }

    /// <summary>Ends the output, all of which has arrived. Durable after the next <see cref="OutputStore.FlushAsync"/>.</summary>
    /// <exception cref="Storage.NoRoomException">The disk has no room for it.</exception>
    /// <exception cref="Storage.StoreException">The disk is broken.</exception>
    public async ValueTask<KeptOutput> CompleteAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        if (Remaining > 0)
        {
            throw new InvalidOperationException($"{Remaining} bytes of {_key} have not arrived");
        }

        if (_segment is null)
        {
            var inline = _block.AsSpan(0, _inBlock).ToArray();
            End(wrote: false);
            return new KeptOutput(Length, _written, 0, 0, inline);
        }

        if (_inBlock > 0)
        {
            await WriteBlockAsync(cancellation);
        }

        // The header comes last: a record that has one is whole.
        CrashPoints.Hit(CrashPoint.RecordWithoutHeader);
        OutputRecord.WriteHeader(_block, _key, Length);
        await PutAsync(OutputRecord.HeaderBytes, _offset, cancellation);
        await _flushing;
        var number = _segment.Number;
        End(wrote: true);
        return new KeptOutput(Length, _written, number, _offset, default);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isOver)
        {
            await _flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            End(wrote: false);
        }
    }

    private async ValueTask WriteBlockAsync(CancellationToken cancellation)
    {
        OutputRecord.WriteChecksum(_block, _inBlock);
        await PutAsync(_inBlock + OutputRecord.ChecksumBytes, _offset + OutputRecord.PlaceOf(_blocks), cancellation);
        (_blocks, _inBlock) = (_blocks + 1, 0);
        if (_blocks % BlocksBetweenFlushes == 0)
        {
            await _flushing;
            _flushing = _store.FlushAhead(_segment!);
        }

        CrashPoints.Hit(CrashPoint.BlockWritten);
    }

    private async ValueTask PutAsync(int count, long offset, CancellationToken cancellation)
    {
        await _store.WriteAsync(_segment!, _block.AsMemory(0, count), offset, isPromised: !_isAlone, cancellation);
        _promised -= _isAlone ? 0 : count;
    }

    private void End(bool wrote)
    {
        _isOver = true;
        _store.GiveBack(_promised);
        _promised = 0;
        ArrayPool<byte>.Shared.Return(_block);
        if (_isAlone && !wrote)
        {
            _store.Drop(_segment!);
        }
        else if (_segment is not null)
        {
            _store.Return(_segment, wrote, _offset, OutputRecord.Size(_isAlone ? 0 : Length));
        }
    }
}
