using System.IO.Pipelines;
using System.Text;
using Artel.Server.Classic;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Classic;

/// <summary>The words of a classic node, however their bytes arrive.</summary>
public sealed class ClassicReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Words_are_the_same_in_pieces_of_any_size(int piece)
    {
        var (reader, sending) = Send("12\r\n1\n\n22\r43\nabc1", piece);

        Assert.Equal(12, await reader.ReadNumberAsync(TestContext.Current.CancellationToken));
        Assert.Equal(V1.NodeState.Waiting, await StateAsync(reader));
        Assert.Equal(V1.NodeState.Running, await StateAsync(reader));
        Assert.Equal(V1.NodeState.Running, await StateAsync(reader));
        Assert.Equal(V1.NodeState.Succeeded, await StateAsync(reader));
        Assert.Equal(3, await reader.ReadLengthAsync(TestContext.Current.CancellationToken));
        var data = new List<byte>();
        while (data.Count < 3)
        {
            data.AddRange(await reader.ReadDataAsync(3 - data.Count, TestContext.Current.CancellationToken));
        }

        Assert.Equal("abc", Encoding.ASCII.GetString([.. data]));
        Assert.Equal(V1.NodeState.Waiting, await StateAsync(reader));
        Assert.Null(await StateAsync(reader));
        await sending;
    }

    [Theory]
    [InlineData("0\n", 0)]
    [InlineData("999999999\n", 999_999_999)]
    public async Task A_number_is_up_to_nine_digits(string text, long number) =>
        Assert.Equal(number, await Send(text, 1).Reader.ReadNumberAsync(TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("\r\n")]
    [InlineData("1 \n")]
    [InlineData("+1\n")]
    [InlineData("01\n")]
    [InlineData("1\r\r\n")]
    [InlineData("1000000000\n")]
    [InlineData("10000000000000000000000000000000000000\n")]
    [InlineData("\u0661\n")]
    public async Task Anything_else_is_none(string text)
    {
        foreach (var piece in new[] { 1, 1000 })
        {
            await Assert.ThrowsAsync<ClassicException>(() => Send(text, piece).Reader.ReadNumberAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_line_without_an_end_is_refused_after_a_few_bytes()
    {
        var pipe = new Pipe();
        var reader = new ClassicReader(pipe.Reader, () => { });
        await pipe.Writer.WriteAsync("12345678901"u8.ToArray(), TestContext.Current.CancellationToken);

        // Nothing more comes, and nothing more is waited for.
        await Assert.ThrowsAsync<ClassicException>(() => reader.ReadNumberAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_byte_that_is_no_state_is_shown_in_a_form_fit_for_a_log()
    {
        var refusal = await Assert.ThrowsAsync<ClassicException>(() => StateAsync(Send("\u001b[2J", 10).Reader));

        Assert.Contains(@"'\x1b'", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<V1.NodeState?> StateAsync(ClassicReader reader) => reader.ReadStateAsync(TestContext.Current.CancellationToken);

    private static (ClassicReader Reader, Task Sending) Send(string text, int piece)
    {
        var pipe = new Pipe();
        return (new ClassicReader(pipe.Reader, () => { }), SendAsync());

        async Task SendAsync()
        {
            foreach (var bytes in Encoding.UTF8.GetBytes(text).Chunk(piece))
            {
                await pipe.Writer.WriteAsync(bytes);
            }

            await pipe.Writer.CompleteAsync();
        }
    }
}
