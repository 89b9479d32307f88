using System.Buffers.Binary;
using System.Text;
using Artel.Protocol.Text;

namespace Artel.Server.Classic;

/// <summary>
/// A list of strings as Python's <c>pickle</c> writes it, protocol 2, which every Python 3 reads. Only ever written: nothing that
/// arrives is unpickled. Opcodes: Lib/pickletools.py of CPython.
/// </summary>
/// <example><c>["echo", "hi"]</c> is <c>80 02 ] ( X 04000000 echo X 02000000 hi e .</c></example>
internal static class PickledList
{
    private const byte Protocol = 0x80;
    private const byte Version = 2;
    private const byte EmptyList = (byte)']';
    private const byte Mark = (byte)'(';

    /// <summary>Followed by a length in bytes, four of them, the lowest first, and as much UTF-8.</summary>
    private const byte Text = (byte)'X';
    private const byte Appends = (byte)'e';
    private const byte Stop = (byte)'.';

    public static byte[] Write(IReadOnlyCollection<string> items)
    {
        var texts = items.Select(Encode).ToList();
        var pickle = new byte[texts.Sum(t => 1 + sizeof(int) + t.Length) + 6];
        ReadOnlySpan<byte> start = [Protocol, Version, EmptyList, Mark];
        start.CopyTo(pickle);
        var at = start.Length;
        foreach (var text in texts)
        {
            pickle[at++] = Text;
            BinaryPrimitives.WriteInt32LittleEndian(pickle.AsSpan(at), text.Length);
            text.CopyTo(pickle, at + sizeof(int));
            at += sizeof(int) + text.Length;
        }

        pickle[at++] = Appends;
        pickle[at] = Stop;
        return pickle;
    }

    /// <summary>
    /// A byte that is not UTF-8 is the lone surrogate U+DC00 plus its value to Python, which makes that byte of it
    /// again (PEP 383).
    /// </summary>
    private static byte[] Encode(string text)
    {
        if (!RawText.HasBytes(text))
            return Encoding.UTF8.GetBytes(text);

        var bytes = new List<byte>();
        foreach (var rune in text.EnumerateRunes())
        {
            if (RawText.HasBytes(rune.ToString()))
                bytes.AddRange([0xed, (byte)(0xb0 | ((rune.Value >> 6) & 3)), (byte)(0x80 | (rune.Value & 0x3f))]);
            else
                bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
        }

        return [.. bytes];
    }
}
