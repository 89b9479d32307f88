namespace Artel.Bench.Peers;

/// <summary>Another program that runs many short processes, used as its own documentation recommends for that.</summary>
internal interface IPeer : IAsyncDisposable
{
    /// <summary>For people, with what it is called with.</summary>
    string Name { get; }

    /// <summary>For names of figures.</summary>
    string Key { get; }

    /// <summary>So many times <c>/bin/true</c> it is given of a thousand: fewer where it is slow.</summary>
    int TasksOf(int thousand);

    /// <summary>Gets it ready.</summary>
    /// <returns>Why it can not be measured, or null.</returns>
    Task<string?> PrepareAsync();

    /// <summary>Runs <c>/bin/true</c> so many times, two at a time.</summary>
    /// <returns>How long that took, from its start to its end.</returns>
    Task<TimeSpan> RunAsync(int tasks);
}
