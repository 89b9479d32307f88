using Artel.Server.Outputs;
using Artel.Server.Storage;
using Artel.Testing;

namespace Artel.Server.Tests.Outputs;

/// <summary>Crashes, changed bytes, lost files and full disks.</summary>
public sealed partial class OutputStoreTests
{
    [Fact]
    public async Task Garbage_that_a_crash_left_at_the_end_is_passed_over()
    {
        var before = _store.Append(TaskOf(1), 1, OutputStream.Stdout, Bytes(2000, 1), 2000);
        await _store.FlushAsync(Cancellation);
        await Close();
        await File.AppendAllBytesAsync(Path.Combine(OutputsFolder, "1", "1.seg"), Bytes(777, 9), Cancellation);
        _store = Open();

        var after = _store.Append(TaskOf(2), 1, OutputStream.Stdout, Bytes(3000, 2), 3000);

        Assert.Equal(Bytes(2000, 1), await ReadAll(before));
        Assert.Equal(Bytes(3000, 2), await ReadAll(after));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(1500)]
    [InlineData(2043)]
    public async Task A_changed_byte_is_found_and_harms_no_other_output(int place)
    {
        var damaged = _store.Append(TaskOf(1), 2, OutputStream.Stderr, Bytes(2000, 1), 2000);
        var sound = _store.Append(TaskOf(2), 1, OutputStream.Stdout, Bytes(2000, 2), 2000);
        var key = KeyOf(damaged);
        await Change(1, damaged.Offset + place);

        var damage = await Assert.ThrowsAsync<OutputDamagedException>(() => ReadAll(damaged, key: key));

        Assert.StartsWith("stderr of attempt 2 of task 1.1 is damaged", damage.Message, StringComparison.Ordinal);
        Assert.Equal(Bytes(2000, 2), await ReadAll(sound));
    }

    [Fact]
    public async Task What_stands_before_a_damaged_place_is_still_given()
    {
        var data = Bytes(200_000);
        var kept = _store.Append(TaskOf(1), 1, OutputStream.Stdout, data, data.Length);
        await Change(1, kept.Offset + 150_000);

        var given = new List<byte>();
        await Assert.ThrowsAsync<OutputDamagedException>(async () =>
        {
            await foreach (var piece in _store.ReadAsync(new OutputKey(TaskOf(1), 1, OutputStream.Stdout), kept, 0, Cancellation))
            {
                given.AddRange(piece.ToArray());
            }
        });

        Assert.Equal(data.Take(FirstBlock + FurtherBlock), given);
    }

    [Fact]
    public async Task Output_of_a_lost_or_shortened_segment_says_so()
    {
        var kept = _store.Append(TaskOf(1), 1, OutputStream.Stdout, Bytes(200_000), 200_000);
        await Close();
        await using (var file = File.OpenWrite(Path.Combine(OutputsFolder, "1", "1.seg")))
        {
            file.SetLength(100_000);
        }

        _store = Open();
        Assert.Contains("the file ends", (await Assert.ThrowsAsync<OutputDamagedException>(() => ReadAll(kept))).Message, StringComparison.Ordinal);

        await Close();
        File.Delete(Path.Combine(OutputsFolder, "1", "1.seg"));
        _store = Open();
        Assert.Contains("is lost", (await Assert.ThrowsAsync<OutputDamagedException>(() => ReadAll(kept))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_is_another_ones_is_not_given_out()
    {
        _store.Append(TaskOf(1), 1, OutputStream.Stdout, Bytes(2000, 1), 2000);
        var other = _store.Append(TaskOf(2), 1, OutputStream.Stdout, Bytes(3000, 2), 3000);

        await Assert.ThrowsAsync<OutputDamagedException>(() => ReadAll(other with { Offset = 0 }));
        await Assert.ThrowsAsync<OutputDamagedException>(() => ReadAll(other with { Length = 2000 }));
        await Assert.ThrowsAsync<OutputDamagedException>(() => ReadAll(other with { Offset = 5 }));
    }

    [Fact]
    public async Task An_output_that_took_the_place_of_a_lost_one_is_not_given_out_for_it()
    {
        var lost = _store.Append(TaskOf(1), 1, OutputStream.Stdout, Bytes(2000, 1), 2000);
        await Close();
        File.Delete(Path.Combine(OutputsFolder, "1", "1.seg"));
        _store = Open();
        var other = _store.Append(TaskOf(2), 1, OutputStream.Stdout, Bytes(2000, 2), 2000);

        Assert.Equal((lost.Segment, lost.Offset, lost.Length), (other.Segment, other.Offset, other.Length));
        await Assert.ThrowsAsync<OutputDamagedException>(() => ReadAll(lost, key: new OutputKey(TaskOf(1), 1, OutputStream.Stdout)));
        Assert.Equal(Bytes(2000, 2), await ReadAll(other, key: new OutputKey(TaskOf(2), 1, OutputStream.Stdout)));
    }

    [Fact]
    public async Task A_full_disk_is_told_and_what_was_kept_before_stays()
    {
        using var disk = SmallDisk.Mount(megabytes: 4);
        using var folder = DataFolder.Open(Path.Combine(disk.Path, "data"));
        await using var store = new OutputStore(folder, firstBytes: 0);
        var kept = store.Append(TaskOf(1), 1, OutputStream.Stdout, Bytes(100_000, 1), 100_000);
        disk.Fill(leaveKibibytes: 64);

        var failure = Assert.Throws<StoreException>(() => store.Append(TaskOf(2), 1, OutputStream.Stdout, Bytes(1_000_000), 1_000_000));
        await using var writer = store.Begin(TaskOf(3), 1, OutputStream.Stdout, 1_000_000, 1_000_000);
        await Assert.ThrowsAsync<StoreException>(async () => await writer.WriteAsync(Bytes(1_000_000), Cancellation));

        Assert.Equal($"the disk of {folder.OutputsFolder} is full: make room, then start artel-server again", failure.Message);
        var read = new List<byte>();
        await foreach (var piece in store.ReadAsync(new OutputKey(TaskOf(1), 1, OutputStream.Stdout), kept, 0, Cancellation))
        {
            read.AddRange(piece.ToArray());
        }

        Assert.Equal(Bytes(100_000, 1), read);
    }

    private async Task Change(int job, long offset)
    {
        await using var file = new FileStream(Path.Combine(OutputsFolder, $"{job}", "1.seg"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        var byteThere = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(byteThere ^ 0x10));
    }
}
