using System.IO.Hashing;
using Artel.Node.Capture;

namespace Artel.Node.Tests.Capture;

public sealed class CapturedStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => Path.Combine(_folder.Path, "out");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Short_output_costs_no_file()
    {
        using var stream = new CapturedStream(FilePath, 1_000_000);

        for (var i = 0; i < 1000; i++)
            stream.Append("0123456789"u8);

        stream.Complete();
        Assert.Equal((10_000, 10_000, null), (stream.Length, stream.Written, stream.FilePath));
        Assert.Equal(10_000, stream.InMemory.Length);
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void Long_output_is_in_a_file_from_its_first_byte()
    {
        var data = Noise(100_000);
        using (var stream = new CapturedStream(FilePath, 1_000_000))
        {
            stream.Append(data.AsSpan(0, 10));
            stream.Append(data.AsSpan(10, 50_000));
            stream.Append(data.AsSpan(50_010));
            stream.Complete();
            Assert.Equal(FilePath, stream.FilePath);
            Assert.Equal(Crc32.HashToUInt32(data), stream.FileCrc);
            Assert.True(stream.InMemory.IsEmpty);
        }

        Assert.Equal(data, File.ReadAllBytes(FilePath));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(20_480)]
    public void What_is_over_the_limit_is_counted_and_cut_exactly(int limit)
    {
        var data = Noise(30_720);
        using var stream = new CapturedStream(FilePath, limit);

        foreach (var piece in data.Chunk(7_000))
            stream.Append(piece);

        stream.Complete();
        var all = ReadAll(stream);
        Assert.Equal(data[..limit], all);
        Assert.Equal((all.Length, data.Length), (stream.Length, stream.Written));
    }

    [Fact]
    public void Output_of_exactly_the_limit_is_not_called_cut()
    {
        using var stream = new CapturedStream(FilePath, 10);

        stream.Append("0123456789"u8);
        stream.Complete();

        Assert.Equal("0123456789"u8.ToArray(), ReadAll(stream));
    }

    [Fact]
    public void A_reader_that_holds_it_can_read_on_after_its_owner_let_go()
    {
        var stream = new CapturedStream(FilePath, 1_000_000);
        stream.Append(Noise(30_000));
        stream.Complete();
        Assert.True(stream.TryHold());

        stream.Dispose();
        File.Delete(FilePath);

        Assert.Equal(30_000, ReadAll(stream).Length);
        stream.Dispose();
        Assert.False(stream.TryHold());
    }

    [Fact]
    public void Output_that_can_not_be_kept_is_counted_and_told()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "no"), "folder");
        using var stream = new CapturedStream(Path.Combine(_folder.Path, "no", "such", "folder"), 1_000_000);

        stream.Append(Noise(30_000));
        stream.Append(Noise(30_000));
        stream.Complete();

        Assert.Equal(60_000, stream.Written);
        Assert.StartsWith("its output could not be kept: ", stream.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_fails_half_way_leaves_nothing_behind_what_is_told()
    {
        using var disk = Artel.Testing.SmallDisk.Mount(megabytes: 2);
        var path = Path.Combine(disk.Path, "out");
        using var stream = new CapturedStream(path, 10_000_000);
        stream.Append(Noise(100_000));
        disk.Fill(leaveKibibytes: 64);

        // There is room for a part of it, and for all of what comes next.
        stream.Append(Noise(200_000));
        disk.MakeRoom();
        stream.Append(Noise(1_000));
        stream.Complete();

        Assert.NotNull(stream.Error);
        Assert.Equal((100_000, 301_000), (stream.Length, stream.Written));
        Assert.Equal(100_000, new FileInfo(path).Length);
        Assert.Equal(Crc32.HashToUInt32(Noise(100_000)), stream.FileCrc);
        Assert.Equal(Noise(100_000), File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(1_000_000, 10_000, 6_384)]
    [InlineData(1_000_000, 16_384, 0)]
    [InlineData(1_000_000, 20_000, 0)]
    [InlineData(1_000, 500, int.MaxValue)]
    [InlineData(20_000, 30_000, int.MaxValue)]
    public void It_says_how_much_it_takes_without_the_disk(int limit, int written, int room)
    {
        using var stream = new CapturedStream(FilePath, limit);

        stream.Append(Noise(written));

        Assert.Equal(room, stream.Room);
    }

    private static byte[] Noise(int length)
    {
        var data = new byte[length];
        new Random(3).NextBytes(data);
        return data;
    }

    private static byte[] ReadAll(CapturedStream stream)
    {
        var all = new List<byte>();
        var buffer = new byte[999];
        int count;
        while ((count = stream.Read(all.Count, buffer)) > 0)
            all.AddRange(buffer.AsSpan(0, count));

        return [.. all];
    }
}
