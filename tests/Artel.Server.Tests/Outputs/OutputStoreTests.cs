using System.Text;
using Artel.Core;
using Artel.Server.Outputs;
using Artel.Server.Storage;
using Artel.Server.Tests.Storage;

namespace Artel.Server.Tests.Outputs;

/// <summary>Outputs of tasks, from the node's bytes to the reader's.</summary>
public sealed partial class OutputStoreTests : IAsyncDisposable
{
    // Bytes of an output in its first block, and in each further one: 64 KiB without the header and the checksum.
    private const int FirstBlock = 65_488;
    private const int FurtherBlock = 65_528;

    private readonly TemporaryFolder _folder = new();
    private readonly List<DataFolder> _opened = [];
    private OutputStore _store;

    public OutputStoreTests() => _store = Open();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string OutputsFolder => Path.Combine(_folder["data"], "outputs");

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _opened.ForEach(folder => folder.Dispose());
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(OutputStore.InlineLimit)]
    [InlineData(OutputStore.InlineLimit + 1)]
    [InlineData(FirstBlock - 1)]
    [InlineData(FirstBlock)]
    [InlineData(FirstBlock + 1)]
    [InlineData(FirstBlock + FurtherBlock)]
    [InlineData(FirstBlock + FurtherBlock + 1)]
    [InlineData(1_000_000)]
    public async Task Output_is_read_as_it_was_appended(int length)
    {
        var data = Bytes(length);

        var whole = _store.Append(TaskOf(1), 1, OutputStream.Stdout, data, length + 5);
        var inPieces = await Deliver(TaskOf(1), data, pieces: 7);
        await _store.FlushAsync(Cancellation);

        foreach (var kept in new[] { whole, inPieces })
        {
            Assert.Equal(length, kept.Length);
            Assert.Equal(data, await ReadAll(kept));
        }

        Assert.Equal(length + 5, whole.Written);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(FirstBlock - 1)]
    [InlineData(FirstBlock)]
    [InlineData(FirstBlock + FurtherBlock)]
    [InlineData(FirstBlock + FurtherBlock + 1)]
    [InlineData(199_999)]
    [InlineData(200_000)]
    [InlineData(300_000)]
    public async Task A_part_is_read_from_any_offset(int offset)
    {
        var data = Bytes(200_000);
        var kept = _store.Append(TaskOf(1), 1, OutputStream.Stdout, data, data.Length);

        Assert.Equal(data.Skip(offset), await ReadAll(kept, offset));
    }

    [Fact]
    public async Task Pieces_are_never_longer_than_a_block()
    {
        var kept = _store.Append(TaskOf(1), 1, OutputStream.Stderr, Bytes(500_000), 500_000);

        await foreach (var piece in _store.ReadAsync(KeyOf(kept), kept, 0, Cancellation))
        {
            Assert.InRange(piece.Length, 1, 64 * 1024);
        }
    }

    [Fact]
    public async Task Short_outputs_of_many_jobs_make_no_folder_and_no_file()
    {
        for (var job = 1; job <= 20_000; job++)
        {
            var kept = _store.Append(new TaskId(new JobId(job), 1), 1, OutputStream.Stdout, "done\n"u8.ToArray(), 5);
            Assert.Equal((0, "done\n"), (kept.Segment, Encoding.UTF8.GetString(kept.Inline.Span)));
        }

        await _store.FlushAsync(Cancellation);

        Assert.False(Directory.Exists(OutputsFolder));
    }

    [Fact]
    public async Task The_first_outputs_of_many_jobs_make_no_file_and_more_of_one_job_do()
    {
        await using var store = new OutputStore(_opened[^1]);
        for (var job = 1; job <= 1000; job++)
        {
            Assert.Equal(
                0, store.Append(new TaskId(new JobId(job), 1), 1, OutputStream.Stdout, Bytes(2048), 2048).Segment);
        }

        Assert.False(Directory.Exists(OutputsFolder));
        var many = Enumerable.Range(1, 100).Count(
            i => store.Append(TaskOf(i), 1, OutputStream.Stdout, Bytes(2048), 2048).Segment > 0);
        Assert.InRange(many, 92, 99);
        Assert.Equal(["1"], Directory.GetDirectories(OutputsFolder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Inline_output_does_not_change_with_the_buffer_it_came_in()
    {
        var buffer = "abc"u8.ToArray();
        var kept = _store.Append(TaskOf(1), 1, OutputStream.Stdout, buffer, 3);

        buffer[0] = (byte)'x';

        Assert.Equal("abc"u8.ToArray(), await ReadAll(kept));
    }

    [Fact]
    public async Task Outputs_that_arrive_at_the_same_time_do_not_mix()
    {
        // Given eight deliveries and many appends of one job, side by side
        var contents = Enumerable.Range(0, 8).Select(i => Bytes(300_000 + i, seed: i)).ToArray();
        var deliveries = contents.Select((data, i) => Task.Run(() => Deliver(TaskOf(i + 1), data, pieces: 100)));
        var appends = Enumerable.Range(0, 200).Select(i => Task.Run(
            () => _store.Append(TaskOf(100 + i), 1, OutputStream.Stderr, Bytes(5000, seed: 1000 + i), 5000)));

        var (delivered, appended) = (await Task.WhenAll(deliveries), await Task.WhenAll(appends));
        await _store.FlushAsync(Cancellation);

        // Then each is whole
        for (var i = 0; i < delivered.Length; i++)
        {
            Assert.Equal(contents[i], await ReadAll(delivered[i]));
        }

        for (var i = 0; i < appended.Length; i++)
        {
            Assert.Equal(Bytes(5000, seed: 1000 + i), await ReadAll(appended[i]));
        }
    }

    [Fact]
    public async Task A_full_segment_is_followed_by_another()
    {
        await Reopen(segmentBytes: 100_000);
        var kept = Enumerable.Range(0, 10).Select(i => _store.Append(TaskOf(i + 1), 1, OutputStream.Stdout, Bytes(30_000, i), 30_000)).ToList();
        kept.Add(_store.Append(TaskOf(11), 1, OutputStream.Stdout, Bytes(250_000, 10), 250_000));

        Assert.Equal([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5], kept.Select(output => output.Segment));
        for (var i = 0; i < kept.Count; i++)
        {
            Assert.Equal(Bytes(i < 10 ? 30_000 : 250_000, i), await ReadAll(kept[i]));
        }
    }

    [Fact]
    public async Task A_delivery_that_was_given_up_is_no_trouble_for_the_others()
    {
        var before = _store.Append(TaskOf(1), 1, OutputStream.Stdout, Bytes(2000, 1), 2000);
        await using (var given = _store.Begin(TaskOf(2), 1, OutputStream.Stdout, 100_000, 100_000))
        {
            await given.WriteAsync(Bytes(70_000), Cancellation);
        }

        var after = _store.Append(TaskOf(3), 1, OutputStream.Stdout, Bytes(3000, 3), 3000);
        await Reopen();
        var later = _store.Append(TaskOf(4), 1, OutputStream.Stdout, Bytes(4000, 4), 4000);

        Assert.Equal(Bytes(2000, 1), await ReadAll(before));
        Assert.Equal(Bytes(3000, 3), await ReadAll(after));
        Assert.Equal(Bytes(4000, 4), await ReadAll(later));
    }

    [Fact]
    public async Task Few_files_stay_open_however_many_jobs_there_are()
    {
        await Reopen(openSegments: 8);
        var kept = new List<KeptOutput>();
        for (var job = 1; job <= 100; job++)
        {
            kept.Add(_store.Append(new TaskId(new JobId(job), 1), 1, OutputStream.Stdout, Bytes(2000, job), 2000));
            await _store.FlushAsync(Cancellation);
            Assert.InRange(_store.OpenSegments, 1, 8);
        }

        for (var job = 1; job <= 100; job++)
        {
            Assert.Equal(Bytes(2000, job), await ReadAll(kept[job - 1], job: job));
            Assert.Equal(2040 + 8, _store.Append(new TaskId(new JobId(job), 2), 1, OutputStream.Stdout, Bytes(2000), 2000).Offset);
            await _store.FlushAsync(Cancellation);
        }

        Assert.InRange(_store.OpenSegments, 1, 8);
    }

    [Fact]
    public async Task A_deleted_job_has_no_output_and_no_folder_any_more()
    {
        var kept = _store.Append(TaskOf(1), 1, OutputStream.Stdout, Bytes(2000), 2000);
        var other = _store.Append(new TaskId(new JobId(2), 1), 1, OutputStream.Stdout, Bytes(2000, 2), 2000);

        _store.DeleteJob(new JobId(1));
        _store.DeleteJob(new JobId(77));
        await _store.FlushAsync(Cancellation);

        Assert.Equal(["2"], Directory.GetDirectories(OutputsFolder).Select(Path.GetFileName));
        await Assert.ThrowsAsync<OutputDamagedException>(() => ReadAll(kept));
        Assert.Equal(Bytes(2000, 2), await ReadAll(other, job: 2));
    }

    [Theory]
    [InlineData(64 * 1024, 0)]
    [InlineData(64 * 1024, 1000)]
    [InlineData(200_000, 0)]
    public async Task Output_so_long_that_it_is_flushed_on_the_way_is_read_as_it_came(int pieceBytes, int firstBytes)
    {
        var data = Bytes(70 << 20);
        KeptOutput kept;
        await using (var writer = _store.Begin(TaskOf(1), 1, OutputStream.Stdout, data.Length, data.Length))
        {
            await writer.WriteAsync(data.AsMemory(0, firstBytes), Cancellation);
            for (var offset = firstBytes; offset < data.Length; offset += pieceBytes)
            {
                await writer.WriteAsync(data.AsMemory(offset, Math.Min(pieceBytes, data.Length - offset)), Cancellation);
            }

            kept = await writer.CompleteAsync(Cancellation);
        }

        await _store.FlushAsync(Cancellation);

        var read = await ReadAll(kept);
        Assert.True(data.AsSpan().SequenceEqual(read), $"{read.Length} bytes were read that are not the {data.Length} that came");
    }

    [Fact]
    public async Task Long_output_may_be_given_up_while_it_is_flushed()
    {
        await using (var writer = _store.Begin(TaskOf(1), 1, OutputStream.Stdout, 40 << 20, 40 << 20))
        {
            await writer.WriteAsync(Bytes(33 << 20), Cancellation);
        }

        var after = _store.Append(TaskOf(2), 1, OutputStream.Stdout, Bytes(2000), 2000);
        await _store.FlushAsync(Cancellation);

        Assert.Equal(Bytes(2000), await ReadAll(after));
        Assert.False(_store.Failed.IsCompleted);
    }

    [Fact]
    public async Task A_job_may_be_deleted_while_its_output_is_arriving_and_being_read()
    {
        var kept = _store.Append(TaskOf(1), 1, OutputStream.Stdout, Bytes(200_000), 200_000);
        await using var writer = _store.Begin(TaskOf(2), 1, OutputStream.Stdout, 100_000, 100_000);
        await using var reading = _store.ReadAsync(KeyOf(kept), kept, 0, Cancellation).GetAsyncEnumerator(Cancellation);
        await reading.MoveNextAsync();

        _store.DeleteJob(new JobId(1));

        while (await reading.MoveNextAsync())
        {
            Assert.False(reading.Current.IsEmpty);
        }

        await writer.WriteAsync(Bytes(100_000), Cancellation);
        await writer.CompleteAsync(Cancellation);
        await _store.FlushAsync(Cancellation);
        Assert.Equal(0, _store.OpenSegments);
        Assert.Empty(Directory.GetDirectories(OutputsFolder));
    }

    [Fact]
    public async Task A_writer_holds_its_peer_to_the_length_it_announced()
    {
        await using var writer = _store.Begin(TaskOf(1), 1, OutputStream.Stdout, 5000, 5000);
        await writer.WriteAsync(new byte[4000], Cancellation);

        Assert.Equal((5000, 1000), (writer.Length, writer.Remaining));
        await Assert.ThrowsAsync<ArgumentException>(() => writer.WriteAsync(new byte[1001], Cancellation).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.CompleteAsync(Cancellation).AsTask());
    }

    [Fact]
    public async Task Segments_are_for_their_owner_alone()
    {
        _store.Append(TaskOf(1), 1, OutputStream.Stdout, Bytes(2000), 2000);
        await _store.FlushAsync(Cancellation);

        Assert.Equal("700", FileModes.Of(Path.Combine(OutputsFolder, "1")));
        Assert.Equal("600", FileModes.Of(Path.Combine(OutputsFolder, "1", "1.seg")));
    }

    private static TaskId TaskOf(int number) => new(new JobId(1), number);

    private static byte[] Bytes(int length, int seed = 42)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private async Task<KeptOutput> Deliver(TaskId task, byte[] data, int pieces)
    {
        await using var writer = _store.Begin(task, 1, OutputStream.Stdout, data.Length, data.Length);
        foreach (var piece in data.Chunk(Math.Max(1, data.Length / pieces)))
        {
            await writer.WriteAsync(piece, Cancellation);
        }

        return await writer.CompleteAsync(Cancellation);
    }

    /// <summary>Who stands in the place of an output, by the record itself: most of these tests are not about that.</summary>
    private OutputKey KeyOf(KeptOutput kept, long job = 1)
    {
        var header = new byte[OutputRecord.HeaderBytes];
        var path = Path.Combine(OutputsFolder, $"{job}", $"{kept.Segment}.seg");
        if (kept.Segment > 0 && File.Exists(path))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Position = kept.Offset;
            file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        }

        _ = OutputRecord.TryReadHeader(header, out var key, out _);
        return key with { Task = new TaskId(new JobId(job), key.Task.Number) };
    }

    private async Task<byte[]> ReadAll(KeptOutput kept, long offset = 0, long job = 1, OutputKey? key = null)
    {
        var all = new MemoryStream();
        await foreach (var piece in _store.ReadAsync(key ?? KeyOf(kept, job), kept, offset, Cancellation))
        {
            await all.WriteAsync(piece, Cancellation);
        }

        return all.ToArray();
    }

    private OutputStore Open(long segmentBytes = 256 << 20, int openSegments = 64)
    {
        _opened.Add(DataFolder.Open(_folder["data"]));
        return new OutputStore(_opened[^1], segmentBytes, openSegments, firstBytes: 0);
    }

    private async Task Close()
    {
        await _store.DisposeAsync();
        _opened[^1].Dispose();
    }

    private async Task Reopen(long segmentBytes = 256 << 20, int openSegments = 64)
    {
        await Close();
        _store = Open(segmentBytes, openSegments);
    }
}
