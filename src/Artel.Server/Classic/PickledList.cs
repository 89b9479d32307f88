using System.Buffers.Binary;
using System.Text;

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
        var pickle = new byte[items.Sum(i => 1 + sizeof(int) + Encoding.UTF8.GetByteCount(i)) + 6];
        ReadOnlySpan<byte> start = [Protocol, Version, EmptyList, Mark];
        start.CopyTo(pickle);
        var at = start.Length;
        foreach (var item in items)
        {
            pickle[at++] = Text;
            var length = Encoding.UTF8.GetBytes(item, pickle.AsSpan(at + sizeof(int)));
            BinaryPrimitives.WriteInt32LittleEndian(pickle.AsSpan(at), length);
            at += sizeof(int) + length;
        }

        pickle[at++] = Appends;
        pickle[at] = Stop;
        return pickle;
    }
}
