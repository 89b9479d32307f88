using System.Text;
using Artel.Protocol.Maps;
using Artel.Protocol.Text;
using Artel.Protocol.V1;
using CsCheck;

namespace Artel.Protocol.Tests.Text;

/// <summary>Bytes that are not UTF-8 as text, and back.</summary>
public sealed class RawTextTests
{
    [Fact]
    public void Any_bytes_come_back_and_are_UTF_8_on_the_wire() => Gen.OneOf<byte[]>(
        Gen.Byte.Array[0, 20],
        Gen.OneOf<byte>(0xf4, 0x8f, 0xba, 0xbb, 0x80, 0xa9, 0x41).Array[0, 20]).Sample(bytes =>
        {
            var text = RawText.FromBytes(bytes);

            Assert.Equal(bytes, RawText.ToBytes(text));
            Assert.Equal(bytes.Length, RawText.CountBytes(text));
            Assert.Equal(
                text, Encoding.UTF8.GetString(new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text)));
        });

    [Fact]
    public void Text_stays_what_it_is_and_bytes_are_shown()
    {
        Assert.Equal("é😀", RawText.FromBytes("é😀"u8));
        Assert.False(RawText.HasBytes("é😀"));
        Assert.Equal("caf\\xe9.txt", RawText.Show(RawText.FromBytes([.. "caf"u8, 0xe9, .. ".txt"u8])));
    }

    [Fact]
    public void A_job_with_bytes_in_it_comes_back_from_a_map()
    {
        var raw = RawText.FromBytes([.. "caf"u8, 0xe9]);
        var job = new JobSpec
        {
            Name = "x",
            Tasks = { new TaskTemplate { Run = { "a", raw, "{entry}" }, Env = { ["A"] = raw }, Cwd = "/" + raw, Axes = { new Axis { Values = { raw } } } } },
        };

        var map = MapWriter.Write(job);

        Assert.Empty(JobSpecs.ValidateSpec(job));
        Assert.Equal(job, MapParser.Parse(map, "m", MapContext.Detached).Job);
        Assert.Contains("\"caf\\U0010FEE9\"", map, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_and_entries_of_files_are_any_bytes()
    {
        var axis = new Axis();

        Assert.Null(EntryFiles.FromLines(new byte[] { 0x61, 0xe9, 0x0a, 0x62, 0x0a }, axis));

        Assert.Equal(["61E9", "62"], axis.Values.Select(v => Convert.ToHexString(RawText.ToBytes(v))));
    }
}
