using System.Diagnostics.CodeAnalysis;

namespace Artel.Node.Processes;

/// <summary>The whole environment of a process: what it has in common with all others, and what is different for it.</summary>
internal sealed class ProcessEnvironment(InheritedEnvironment inherited)
{
    // Null: it has no such variable, though the others do.
    private readonly Dictionary<string, string?> _own = new(StringComparer.Ordinal);

    /// <param name="variables">All that it has.</param>
    public ProcessEnvironment(IReadOnlyDictionary<string, string> variables)
        : this(InheritedEnvironment.Empty)
    {
        foreach (var (name, value) in variables)
            _own[name] = value;
    }

    public InheritedEnvironment Inherited => inherited;

    /// <summary>What is different from what it inherits. A null takes a variable away.</summary>
    public IReadOnlyDictionary<string, string?> Own => _own;

    /// <summary>All that it has, in no order.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables => inherited.Values.Where(v => !_own.ContainsKey(v.Key))
        .Concat(_own.Where(v => v.Value is not null).Select(v => KeyValuePair.Create(v.Key, v.Value!)));

    public string this[string name]
    {
        set => _own[name] = value;
    }

    public bool TryGetValue(string name, [NotNullWhen(true)] out string? value) =>
        _own.TryGetValue(name, out value) ? value is not null : inherited.Values.TryGetValue(name, out value);

    public void Remove(string name)
    {
        if (inherited.Values.ContainsKey(name))
            _own[name] = null;
        else
            _own.Remove(name);
    }
}
