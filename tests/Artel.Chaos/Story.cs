using System.Collections.Concurrent;
using System.Globalization;

namespace Artel.Chaos;

/// <summary>What was done and seen in a run, line by line, and how often each fault was made. Any thread.</summary>
internal sealed class Story(TextWriter people, TextWriter? file) : IDisposable
{
    private readonly ConcurrentDictionary<string, int> _faults = new();
    private readonly Lock _gate = new();

    public IReadOnlyDictionary<string, int> Faults => _faults;

    public void Fault(string kind, string on, string more = "")
    {
        _faults.AddOrUpdate(kind, 1, (_, count) => count + 1);
        Note(on, $"{kind} {more}");
    }

    /// <summary>For the file only.</summary>
    public void Note(string who, string what)
    {
        lock (_gate)
        {
            var time = TimeProvider.System.GetUtcNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
            file?.WriteLine($"{time} {who}: {what}");
            file?.Flush();
        }
    }

    /// <summary>For people, too.</summary>
    public void Say(string what)
    {
        Note("run", what);
        people.WriteLine(what);
    }

    public void Dispose() => file?.Dispose();
}
