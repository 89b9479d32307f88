using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Classic;

/// <summary>
/// What a classic node sends, word by word; how the bytes arrive, one at a time or all at once, makes no difference. Nothing is taken
/// in that is longer than the word that is expected, and data is handed on as it comes.
/// </summary>
/// <param name="heard">Called for all that arrives.</param>
internal sealed class ClassicReader(PipeReader input, Action heard)
{
    /// <summary>The longest data there is: 1 TB less a byte.</summary>
    public const int LengthDigits = 12;

    private const int NumberDigits = 9;

    /// <summary>Bytes that were looked at and left where they are: the beginning of a line.</summary>
    private long _unread;

    /// <summary>The node's number: decimal digits and a line feed.</summary>
    public Task<long> ReadNumberAsync(CancellationToken cancellation) => ReadDecimalAsync("a node's number", NumberDigits, cancellation);

    /// <summary>The length of the data that follows: decimal digits and a line feed.</summary>
    public Task<long> ReadLengthAsync(CancellationToken cancellation) => ReadDecimalAsync("a length", LengthDigits, cancellation);

    /// <summary>The node's state: one byte. Line feeds before it mean nothing. Null where the connection ends.</summary>
    public async Task<V1.NodeState?> ReadStateAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var buffer = await ReadAsync(cancellation);
            if (buffer.IsEmpty)
            {
                return null;
            }

            var said = buffer.Slice(0, 1).ToArray()[0];
            input.AdvanceTo(buffer.GetPosition(1));
            switch (said)
            {
                case (byte)'\n' or (byte)'\r':
                    continue;
                case >= (byte)'1' and <= (byte)'4':
                    return (V1.NodeState)(said - '0');
                default:
                    throw new ClassicException($"{Show([said])} is no state: a state is one of the digits 1, 2, 3 and 4");
            }
        }
    }

    /// <summary>The next bytes of data, at least one.</summary>
    /// <param name="most">How many at the most.</param>
    public async Task<byte[]> ReadDataAsync(long most, CancellationToken cancellation)
    {
        var buffer = await ReadAsync(cancellation);
        if (buffer.IsEmpty)
        {
            throw new ClassicException($"the connection ended {most} bytes before the length that was announced");
        }

        var data = buffer.Slice(0, Math.Min(most, buffer.Length));
        var bytes = data.ToArray();
        input.AdvanceTo(data.End);
        return bytes;
    }

    private async Task<long> ReadDecimalAsync(string what, int digits, CancellationToken cancellation)
    {
        while (true)
        {
            var buffer = await ReadAsync(cancellation, seen: _unread);
            if (buffer.IsEmpty)
            {
                throw new ClassicException($"the connection ended where {what} was to come");
            }

            var reader = new SequenceReader<byte>(buffer);
            if (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
            {
                var value = Parse(line, what, digits);
                _unread = 0;
                input.AdvanceTo(reader.Position);
                return value;
            }

            if (buffer.Length > digits + 1 || buffer.Length == _unread)
            {
                throw NoDecimal(buffer, what, digits);
            }

            _unread = buffer.Length;
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>What has arrived. No more than <paramref name="seen"/> bytes of it where the connection has ended.</summary>
    private async Task<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellation, long seen = 0)
    {
        var result = await input.ReadAsync(cancellation);
        if (result.Buffer.Length > seen)
        {
            heard();
        }

        return result.Buffer;
    }

    private static long Parse(ReadOnlySequence<byte> line, string what, int digits)
    {
        var text = line.ToArray().AsSpan();
        if (text.Length > 0 && text[^1] == '\r')
        {
            text = text[..^1];
        }

        // One way to write a number: else a node would be known under several.
        var isOne = text.Length > 0 && text.Length <= digits && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9') && (text.Length == 1 || text[0] != '0');
        return isOne ? long.Parse(text, CultureInfo.InvariantCulture) : throw NoDecimal(line, what, digits);
    }

    private static ClassicException NoDecimal(ReadOnlySequence<byte> bytes, string what, int digits) =>
        new($"{Show(bytes.Slice(0, Math.Min(bytes.Length, 40)).ToArray())} is not {what}: that is 1 to {digits} decimal digits, without leading zeros, and a line feed");

    /// <summary>As text where it is that, for a log that is to stay readable.</summary>
    private static string Show(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder("'");
        foreach (var b in bytes)
        {
            text.Append(b is >= 0x20 and < 0x7f ? ((char)b).ToString() : $"\\x{b:x2}");
        }

        return text.Append('\'').ToString();
    }
}
