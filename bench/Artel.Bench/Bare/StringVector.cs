using System.Runtime.InteropServices;

namespace Artel.Bench.Bare;

/// <summary>Strings as the C library takes arguments and an environment.</summary>
internal sealed unsafe class StringVector : IDisposable
{
    private readonly int _count;

    public StringVector(IEnumerable<string> strings)
    {
        var all = strings.ToArray();
        _count = all.Length;
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(all.Length + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < all.Length; i++)
        {
            Pointer[i] = (byte*)Marshal.StringToCoTaskMemUTF8(all[i]);
        }
    }

    /// <summary>Ends with a null.</summary>
    public byte** Pointer { get; }

    public void Dispose()
    {
        for (var i = 0; i < _count; i++)
        {
            Marshal.FreeCoTaskMem((nint)Pointer[i]);
        }

        NativeMemory.Free(Pointer);
    }
}
