using System.Buffers;
using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Outputs;

/// <summary>
/// Keeps the outputs of tasks: short ones beside the attempt's result, the others in segment files, <c>FOLDER/JOB/N.seg</c>, one behind
/// the other. What was appended is durable after <see cref="FlushAsync"/>, which has to come before the commit of the results that
/// refer to it: then no stored result ever points to output that is not there. Any thread may call.
/// </summary>
internal sealed class OutputStore : IAsyncDisposable
{
    /// <summary>Output up to this length is kept in the row of its attempt, and costs no file.</summary>
    public const int InlineLimit = 1024;

    /// <summary>
    /// Output up to this length is kept in its row too, as long as its job has not written much: a file costs three
    /// syncs when it is made, and one with each commit.
    /// </summary>
    public const int LongestInline = 16 * 1024;

    // Every write blocks a thread of the pool when the disk is slow. More than a few would delay what else needs threads: heartbeats.
    private const int ConcurrentWrites = 4;

    private readonly string _folder;
    private readonly DiskRoom? _room;
    private readonly SegmentPool _segments;
    private readonly FirstOutputs _first;
    private readonly SemaphoreSlim _writing = new(ConcurrentWrites, ConcurrentWrites);
    private readonly SemaphoreSlim _flushing = new(1, 1);
    private readonly TaskCompletionSource<StoreException> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile StoreException? _failure;
    private int _flushesAhead;

    /// <param name="folder">Must outlive the store. Its outputs folder is made when the first long output comes.</param>
    /// <param name="segmentBytes">A segment that would grow over this is followed by the next one.</param>
    /// <param name="openSegments">Files that stay open though nobody uses them.</param>
    /// <param name="room">What may be taken of the disk. Null: all there is.</param>
    /// <param name="firstBytes">The bytes of a job's first short outputs that need no file.</param>
    public OutputStore(
        DataFolder folder,
        long segmentBytes = 256L << 20,
        int openSegments = 64,
        DiskRoom? room = null,
        int firstBytes = FirstOutputs.BytesOfJob)
    {
        _first = new FirstOutputs(firstBytes);
        _room = room;
        _folder = folder.OutputsFolder;
        _segments = new SegmentPool(_folder, segmentBytes, openSegments);
    }

    /// <summary>
    /// Completes with the first failure to keep output. The server has to stop then: nodes would offer the same output for ever, and
    /// nobody would be told why their jobs stand still.
    /// </summary>
    public Task<StoreException> Failed => _failed.Task;

    /// <summary>Segment files that are open now.</summary>
    public int OpenSegments => _segments.OpenCount;

    /// <summary>Keeps an output that has arrived whole.</summary>
    /// <param name="written">Bytes that the process wrote, of which <paramref name="data"/> is what was kept.</param>
    /// <exception cref="NoRoomException">It is too long for the room there is.</exception>
    /// <exception cref="StoreException">The disk is broken.</exception>
    public KeptOutput Append(TaskId task, int attempt, OutputStream stream, ReadOnlyMemory<byte> data, long written)
    {
        if (data.Length <= InlineLimit)
        {
            return data.IsEmpty && written == 0 ? KeptOutput.Empty : new KeptOutput(data.Length, written, 0, 0, data.ToArray());
        }

        var size = checked((int)OutputRecord.Size(data.Length));
        _room?.Require(size);
        if (data.Length <= LongestInline && _first.TryTake(task.Job, data.Length))
        {
            return new KeptOutput(data.Length, written, 0, 0, data.ToArray());
        }

        var record = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            OutputRecord.Write(record, new OutputKey(task, attempt, stream), data.Span);
            var (segment, offset) = Reserve(task.Job, size);
            var wrote = false;
            try
            {
                CrashPoints.Hit(CrashPoint.RecordHalfWritten, () => RandomAccess.Write(segment.File, record.AsSpan(0, size / 2), offset));
                RandomAccess.Write(segment.File, record.AsSpan(0, size), offset);
                wrote = true;
                CrashPoints.Hit(CrashPoint.RecordWritten);
                return new KeptOutput(data.Length, written, segment.Number, offset, default);
            }
            finally
            {
                Return(segment, wrote, offset, size);
            }
        }
        catch (IOException e)
        {
            throw Refused(e, size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
        }
    }

    /// <summary>Begins an output that arrives in pieces.</summary>
    /// <param name="length">Bytes that will arrive.</param>
    /// <param name="written">Bytes that the process wrote.</param>
    /// <exception cref="NoRoomException">It is too long for the room there is.</exception>
    /// <exception cref="StoreException">The disk is broken.</exception>
    public OutputWriter Begin(TaskId task, int attempt, OutputStream stream, long length, long written)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var key = new OutputKey(task, attempt, stream);
        if (length <= InlineLimit)
        {
            return new OutputWriter(this, key, length, written, null, 0);
        }

        var size = OutputRecord.Size(length);
        if (_room?.TryPromise(size) == false)
        {
            throw _room.Refusal(size);
        }

        try
        {
            var (segment, offset) = Reserve(task.Job, size);
            return new OutputWriter(this, key, length, written, segment, offset);
        }
        catch
        {
            _room?.GiveBack(size);
            throw;
        }
    }

    /// <summary>
    /// Begins an output whose process still writes: how long it is, <see cref="OutputWriter.TryAnnounce"/> is told in the end. Until then it has a
    /// segment of its own, which is removed where the output does not come to its end.
    /// </summary>
    /// <exception cref="NoRoomException">Nothing long is taken in now.</exception>
    /// <exception cref="StoreException">The disk is broken.</exception>
    public OutputWriter BeginAhead(TaskId task, int attempt, OutputStream stream)
    {
        _room?.Require(OutputRecord.BlockBytes);
        try
        {
            return new OutputWriter(this, new OutputKey(task, attempt, stream), _segments.ReserveAlone(task.Job));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw e is IOException io ? Refused(io, OutputRecord.BlockBytes) : Failure(e);
        }
    }

    /// <summary>Makes everything durable that was appended or completed before this call.</summary>
    /// <exception cref="StoreException">It is not known what is on disk. The server has to stop: every later call fails too.</exception>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        // One at a time, as who comes second may depend on what the first is still syncing.
        await _flushing.WaitAsync(cancellation);
        try
        {
            var (segments, folders) = _segments.TakeDirty();
            if (segments.Count > 0 || folders.Count > 0 || _failure is not null)
            {
                await Task.Run(() => Sync(segments, folders), CancellationToken.None);
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>
    /// A kept output from an offset on, in pieces of at most 64 KiB. Each piece has been checked, and is valid until the next one is
    /// asked for.
    /// </summary>
    /// <param name="key">Whose output it is: another one that stands in its place is not given.</param>
    /// <param name="offset">Bytes to leave out at the start.</param>
    /// <exception cref="OutputDamagedException">The output, or the rest of it, can not be given.</exception>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(OutputKey key, KeptOutput kept, long offset, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return OutputRecordReader.ReadAsync(_segments, key, kept, offset, cancellation);
    }

    /// <summary>Removes all output of a job that nobody will ask for any more.</summary>
    /// <exception cref="StoreException">It can not be removed.</exception>
    public void DeleteJob(JobId job)
    {
        try
        {
            _segments.Delete(job);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(_folder, e);
        }
    }

    public ValueTask DisposeAsync()
    {
        _segments.Dispose();
        _writing.Dispose();
        _flushing.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// For writers: puts bytes into the room they were given. On the caller's thread, which is one of the pool anyway: a file that is
    /// written asynchronously is written by another thread of the pool, and to go there and back costs more than most writes.
    /// </summary>
    /// <param name="isPromised">Whether room was set aside for it.</param>
    /// <exception cref="NoRoomException">The disk has no room for it.</exception>
    internal async ValueTask WriteAsync(Segment segment, ReadOnlyMemory<byte> bytes, long offset, bool isPromised, CancellationToken cancellation)
    {
        if (_room is not null && (isPromised ? _room.IsVeryLow : !_room.TryTake(bytes.Length)))
        {
            throw _room.Refusal(bytes.Length);
        }

        await _writing.WaitAsync(cancellation);
        try
        {
            RandomAccess.Write(segment.File, bytes.Span, offset);
            if (isPromised)
            {
                _room?.Fulfil(bytes.Length);
            }
        }
        catch (IOException e)
        {
            throw Refused(e, bytes.Length);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>For writers: what they were promised and will not write.</summary>
    internal void GiveBack(long promised) => _room?.GiveBack(promised);

    /// <summary>Whether there is room now for an output of a length. Short ones are always taken in.</summary>
    public bool HasRoom(long length)
    {
        if (_room is null || length <= InlineLimit)
        {
            return true;
        }

        if (!_room.TryPromise(length))
        {
            return false;
        }

        _room.GiveBack(length);
        return true;
    }

    /// <summary>
    /// For writers of long output: begins to put on disk what is written so far, so that the flush before the commit, which everyone's answers wait for,
    /// has little left to do. Does nothing while that is done for another one. The segment must not be given back before it has ended.
    /// </summary>
    /// <exception cref="StoreException">Through the task: the disk is full or broken.</exception>
    internal Task FlushAhead(Segment segment)
    {
        return Interlocked.CompareExchange(ref _flushesAhead, 1, 0) == 0 ? Task.Run(Flush, CancellationToken.None) : Task.CompletedTask;

        void Flush()
        {
            try
            {
                RandomAccess.FlushToDisk(segment.File);
            }
            catch (IOException e)
            {
                // The system tells of it once: the flush before the commit would succeed and mean nothing.
                throw _failure = Failure(e);
            }
            finally
            {
                Interlocked.Exchange(ref _flushesAhead, 0);
            }
        }
    }

    /// <summary>For writers: gives back the segment they wrote to.</summary>
    internal void Return(Segment segment, bool wrote, long offset, long size)
    {
        if (wrote)
        {
            _segments.Return(segment, wrote: true);
        }
        else
        {
            try
            {
                _segments.ReturnUnused(segment, offset, size);
            }
            catch (IOException e)
            {
                Failure(e);
            }
        }
    }

    /// <summary>For writers: gives back a segment that was theirs alone and holds nothing whole.</summary>
    /// <exception cref="StoreException">It can not be removed.</exception>
    internal void Drop(Segment segment)
    {
        try
        {
            _segments.Drop(segment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(e);
        }
    }

    private (Segment Segment, long Offset) Reserve(JobId job, long size)
    {
        try
        {
            return _segments.Reserve(job, size);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw e is IOException io ? Refused(io, size) : Failure(e);
        }
    }

    /// <summary>A full disk refuses one output, of which nothing is kept then; any other failure ends the server.</summary>
    private Exception Refused(IOException e, long bytes) =>
        _room is not null && StoreFailure.IsDiskFull(e) ? _room.Refusal(bytes) : Failure(e);

    private StoreException Failure(Exception e)
    {
        var failure = StoreFailure.Of(_folder, e);
        _failed.TrySetResult(failure);
        return failure;
    }

    private void Sync(IReadOnlyList<Segment> segments, IReadOnlyList<string> folders)
    {
        try
        {
            if (_failure is not null)
            {
                throw new StoreException(_failure.Message, _failure);
            }

            foreach (var segment in segments)
            {
                RandomAccess.FlushToDisk(segment.File);
            }

            CrashPoints.Hit(CrashPoint.SegmentsFlushed);
            foreach (var changed in folders)
            {
                DurableFolder.Sync(changed);
            }
        }
        catch (IOException e)
        {
            // The system may have dropped what it could not write: a second try would succeed and mean nothing.
            throw _failure = Failure(e);
        }
        finally
        {
            foreach (var segment in segments)
            {
                _segments.Return(segment, wrote: false);
            }
        }
    }
}
