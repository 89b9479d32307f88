using System.Runtime.InteropServices;
using Artel.Protocol.Text;

namespace Artel.Node.Processes;

/// <summary>
/// What every process gets of the agent's own environment: written once as the C library wants it, so that a start only points at it. Keep it as long as the
/// program runs: its memory is never given back.
/// </summary>
internal sealed unsafe class InheritedEnvironment
{
    private readonly Dictionary<string, string> _values;
    private readonly (string Name, nint Text)[] _texts;

    /// <param name="variables">Names and values of a process: no NUL byte is in them.</param>
    public InheritedEnvironment(IReadOnlyDictionary<string, string> variables)
    {
        _values = new Dictionary<string, string>(variables, StringComparer.Ordinal);
        var bytes = _values.Sum(v => RawText.CountBytes(v.Key) + RawText.CountBytes(v.Value) + 2L);
        var memory = (byte*)NativeMemory.Alloc((nuint)bytes);
        _texts = new (string, nint)[_values.Count];
        var i = 0;
        foreach (var (name, value) in _values)
        {
            _texts[i++] = (name, (nint)memory);
            var text = RawText.ToBytes($"{name}={value}\0");
            text.CopyTo(new Span<byte>(memory, text.Length));
            memory += text.Length;
        }
    }

    /// <summary>Of no variables.</summary>
    public static InheritedEnvironment Empty { get; } = new(new Dictionary<string, string>());

    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Each name, and where its <c>name=value</c> with a NUL byte behind it is.</summary>
    public ReadOnlySpan<(string Name, nint Text)> Texts => _texts;
}
