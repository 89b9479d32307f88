using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Artel.Protocol.Text;

/// <summary>
/// Bytes of the operating system as text, and back, without a change: arguments, variables and paths are any bytes but
/// NUL there, and the wire, JSON and maps hold text. What is UTF-8 is that text. Every other byte is the private
/// character U+10FE00 plus its value, and so is each byte of a character that would be taken for such a one: no two
/// sequences of bytes have the same text.
/// </summary>
public static class RawText
{
    private const char High = '\uDBFF';
    private const int LowOfZero = 0xDE00;
    private const int FirstByte = 0x80;

    // How its characters begin in UTF-8.
    private static ReadOnlySpan<byte> First => [0xf4, 0x8f, 0xba];

    private static ReadOnlySpan<byte> Second => [0xf4, 0x8f, 0xbb];

    /// <summary>More than a raw byte takes in UTF-8 than as itself.</summary>
    private const int Surplus = 3;

    /// <summary>The text of these bytes.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes) && bytes.IndexOf(First) < 0 && bytes.IndexOf(Second) < 0)
            return Encoding.UTF8.GetString(bytes);

        var text = new StringBuilder(bytes.Length);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var length);
            var isText = status == System.Buffers.OperationStatus.Done;
            var units = isText ? rune.EncodeToUtf16(pair) : 0;
            if (isText && !(units == 2 && IsRaw(pair[0], pair[1])))
            {
                text.Append(pair[..units]);
            }
            else
            {
                foreach (var b in bytes[..length])
                    text.Append(High).Append((char)(LowOfZero + b));
            }

            bytes = bytes[length..];
        }

        return text.ToString();
    }

    /// <summary>True if the text has bytes in it that are not UTF-8.</summary>
    public static bool HasBytes([NotNullWhen(true)] string? text)
    {
        for (var at = text?.IndexOf(High, StringComparison.Ordinal) ?? -1; at >= 0 && at + 1 < text!.Length; at = text.IndexOf(High, at + 1))
        {
            if (IsRaw(text[at], text[at + 1]))
                return true;
        }

        return false;
    }

    /// <summary>How many bytes the text stands for.</summary>
    public static int CountBytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var count = Encoding.UTF8.GetByteCount(text);
        if (!text.Contains(High, StringComparison.Ordinal))
            return count;

        for (var i = 0; i + 1 < text.Length; i++)
            count -= IsRaw(text[i], text[i + 1]) ? Surplus : 0;

        return count;
    }

    /// <summary>Writes the bytes that the text stands for; gives how many.</summary>
    public static int WriteBytes(string text, Span<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains(High, StringComparison.Ordinal))
            return Encoding.UTF8.GetBytes(text, bytes);

        var written = 0;
        var from = 0;
        for (var i = 0; i + 1 < text.Length; i++)
        {
            if (!IsRaw(text[i], text[i + 1]))
                continue;

            written += Encoding.UTF8.GetBytes(text.AsSpan(from, i - from), bytes[written..]);
            bytes[written++] = (byte)(text[i + 1] - LowOfZero);
            from = ++i + 1;
        }

        return written + Encoding.UTF8.GetBytes(text.AsSpan(from), bytes[written..]);
    }

    /// <summary>The bytes that the text stands for.</summary>
    public static byte[] ToBytes(string text)
    {
        var bytes = new byte[CountBytes(text)];
        WriteBytes(text, bytes);
        return bytes;
    }

    /// <summary>For people: a byte that is not UTF-8 as <c>\xe9</c>.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Show(string? text)
    {
        if (!HasBytes(text))
            return text;

        var shown = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && IsRaw(text[i], text[i + 1]))
                shown.Append(CultureInfo.InvariantCulture, $"\\x{text[++i] - LowOfZero:x2}");
            else
                shown.Append(text[i]);
        }

        return shown.ToString();
    }

    private static bool IsRaw(char high, char low) =>
        high == High && low is >= (char)(LowOfZero + FirstByte) and <= (char)(LowOfZero + 0xff);
}
