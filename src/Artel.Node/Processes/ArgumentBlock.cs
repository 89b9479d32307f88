using System.Runtime.InteropServices;
using Artel.Protocol.Text;

namespace Artel.Node.Processes;

/// <summary>The argument array and environment of one start, as the C library wants them: in one piece of native memory, but for what is inherited.</summary>
internal sealed unsafe class ArgumentBlock : IDisposable
{
    private readonly byte* _memory;
    private byte* _next;
    private readonly byte* _end;

    public ArgumentBlock(string path, LaunchRequest request)
    {
        var inherited = request.Environment.Inherited.Texts;
        var own = request.Environment.Own;
        var pointers = request.Arguments.Count + inherited.Length + own.Count + 2;
        var text = RawText.CountBytes(path) + 1L + RawText.CountBytes(request.WorkingDirectory) + 1L;
        foreach (var argument in request.Arguments)
            text += RawText.CountBytes(argument) + 1L;

        foreach (var (name, value) in own)
            text += RawText.CountBytes(name) + RawText.CountBytes(value ?? "") + 2L;

        var total = (nuint)(pointers * sizeof(byte*)) + (nuint)text;
        _memory = (byte*)NativeMemory.Alloc(total);
        _end = _memory + total;
        Arguments = (byte**)_memory;
        Environment = Arguments + request.Arguments.Count + 1;
        _next = (byte*)(Arguments + pointers);

        for (var i = 0; i < request.Arguments.Count; i++)
            Arguments[i] = Put(request.Arguments[i], (byte)'\0');

        Arguments[request.Arguments.Count] = null;
        var entry = 0;
        foreach (var (name, written) in inherited)
        {
            if (!own.ContainsKey(name))
                Environment[entry++] = (byte*)written;
        }

        foreach (var (name, value) in own)
        {
            if (value is null)
                continue;

            Environment[entry++] = Put(name, (byte)'=');
            Put(value, (byte)'\0');
        }

        Environment[entry] = null;
        Path = Put(path, (byte)'\0');
        WorkingDirectory = Put(request.WorkingDirectory, (byte)'\0');
    }

    public byte** Arguments { get; }

    public byte** Environment { get; }

    public byte* Path { get; }

    public byte* WorkingDirectory { get; }

    public void Dispose() => NativeMemory.Free(_memory);

    private byte* Put(string text, byte terminator)
    {
        var start = _next;
        _next += RawText.WriteBytes(text, new Span<byte>(_next, checked((int)(_end - _next))));
        *_next++ = terminator;
        return start;
    }
}
