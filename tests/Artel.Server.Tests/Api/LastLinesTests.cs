using System.Runtime.CompilerServices;
using System.Text;
using Artel.Server.Api;

namespace Artel.Server.Tests.Api;

public sealed class LastLinesTests
{
    [Theory]
    [InlineData("", 3, "")]
    [InlineData("a\nb\nc\n", 1, "c\n")]
    [InlineData("a\nb\nc\n", 2, "b\nc\n")]
    [InlineData("a\nb\nc\n", 3, "a\nb\nc\n")]
    [InlineData("a\nb\nc\n", 9, "a\nb\nc\n")]
    [InlineData("a\nb\nc", 1, "c")]
    [InlineData("a\nb\nc", 2, "b\nc")]
    [InlineData("\n\n\n", 2, "\n\n")]
    public async Task The_last_lines_are_found(string text, int lines, string expected) => Assert.Equal(expected, await TailAsync(text, lines));

    [Fact]
    public async Task Lines_that_are_longer_than_what_is_looked_at_first_are_found_too()
    {
        var text = string.Join('\n', Enumerable.Range(0, 50).Select(i => new string((char)('a' + (i % 26)), 20_000 + i))) + "\n";

        foreach (var lines in new[] { 1, 3, 4, 5, 49, 50, 51 })
        {
            Assert.Equal(string.Concat(text.Split('\n').SkipLast(1).TakeLast(lines).Select(l => l + "\n")), await TailAsync(text, lines));
        }
    }

    private static async Task<string> TailAsync(string text, int lines)
    {
        var data = Encoding.ASCII.GetBytes(text);
        var start = await LastLines.FindAsync(lines, (last, _) => Read(data, last, default), TestContext.Current.CancellationToken);
        return text[(int)start..];
    }

    /// <summary>In small pieces, as they come from a file or a node.</summary>
    private static async IAsyncEnumerable<(long, ReadOnlyMemory<byte>)> Read(byte[] data, long last, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var offset = (int)Math.Max(0, data.Length - last); offset < data.Length; offset += 1000)
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            yield return (offset, data.AsMemory(offset, Math.Min(1000, data.Length - offset)));
        }
    }
}
