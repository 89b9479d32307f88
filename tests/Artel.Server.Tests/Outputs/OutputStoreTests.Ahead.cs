using Artel.Server.Outputs;

namespace Artel.Server.Tests.Outputs;

/// <summary>Outputs that arrive while their processes still write them.</summary>
public sealed partial class OutputStoreTests
{
    [Fact]
    public async Task Output_that_grew_until_its_length_was_told_is_read_as_it_came_and_so_is_what_was_kept_meanwhile()
    {
        var (first, second) = (Bytes(300_000), Bytes(200_001, seed: 7));
        await using var stdout = _store.BeginAhead(TaskOf(1), 1, OutputStream.Stdout);
        await using var stderr = _store.BeginAhead(TaskOf(1), 1, OutputStream.Stderr);
        await stdout.WriteAsync(first.AsMemory(0, 250_000), Cancellation);
        var between = _store.Append(TaskOf(2), 1, OutputStream.Stdout, Bytes(5000, seed: 8), 5000);
        await stderr.WriteAsync(second, Cancellation);
        await stdout.WriteAsync(first.AsMemory(250_000), Cancellation);

        Assert.True(stdout.TryAnnounce(first.Length, 400_000));
        Assert.True(stderr.TryAnnounce(second.Length, second.Length));
        var (keptFirst, keptSecond) = (await stdout.CompleteAsync(Cancellation), await stderr.CompleteAsync(Cancellation));
        await _store.FlushAsync(Cancellation);
        await Reopen();
        var after = _store.Append(TaskOf(3), 1, OutputStream.Stdout, Bytes(6000, seed: 9), 6000);

        Assert.Equal((300_000, 400_000), (keptFirst.Length, keptFirst.Written));
        Assert.Equal(first, await ReadAll(keptFirst));
        Assert.Equal(second, await ReadAll(keptSecond));
        Assert.Equal(Bytes(5000, seed: 8), await ReadAll(between));
        Assert.Equal(Bytes(6000, seed: 9), await ReadAll(after));
    }

    [Fact]
    public async Task Of_output_that_grew_and_never_came_to_its_end_nothing_is_left()
    {
        var kept = _store.Append(TaskOf(2), 1, OutputStream.Stdout, Bytes(5000), 5000);
        await using (var writer = _store.BeginAhead(TaskOf(1), 1, OutputStream.Stdout))
        {
            await writer.WriteAsync(Bytes(100_000), Cancellation);
        }

        Assert.Equal([$"{kept.Segment}.seg"], Directory.GetFiles(Path.Combine(OutputsFolder, "1")).Select(Path.GetFileName));
        Assert.Equal(Bytes(5000), await ReadAll(kept));
    }

    [Fact]
    public async Task Output_that_grew_beyond_the_length_that_is_told_is_not_taken()
    {
        await using var writer = _store.BeginAhead(TaskOf(1), 1, OutputStream.Stdout);
        await writer.WriteAsync(Bytes(1000), Cancellation);

        Assert.False(writer.TryAnnounce(999, 999));
        Assert.True(writer.TryAnnounce(1001, 1001));
        Assert.Equal(1, writer.Remaining);
    }

    [Fact]
    public async Task Output_that_grows_while_its_job_is_deleted_harms_nobody()
    {
        await using (var writer = _store.BeginAhead(TaskOf(1), 1, OutputStream.Stdout))
        {
            await writer.WriteAsync(Bytes(100_000), Cancellation);
            _store.DeleteJob(TaskOf(1).Job);
            await writer.WriteAsync(Bytes(100_000), Cancellation);
        }

        await _store.FlushAsync(Cancellation);
        Assert.Equal(0, _store.OpenSegments);
        Assert.Empty(Directory.GetDirectories(OutputsFolder));
    }
}
