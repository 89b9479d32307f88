using Google.Protobuf;

namespace Artel.Testing;

/// <summary>What a <see cref="SimulatedNode"/> has to give and makes of the tasks that it is granted.</summary>
public sealed record SimulatedWork
{
    /// <summary>Tasks that it takes at the same time, in thousandths of a cpu.</summary>
    public int MilliCpus { get; init; } = 1000;

    /// <summary>What it says its tasks took.</summary>
    public TimeSpan TaskTime { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Tasks end only when that time has gone by, as many at a time as there are cpus: a node that is as fast as a real one.</summary>
    public bool TakesTime { get; init; }

    /// <summary>What every task has written to its standard output: short enough to come along with its result.</summary>
    public ByteString Output { get; init; } = ByteString.Empty;

    /// <summary>Every task fails, and this is said of it, and written to its error stream. Empty: every task succeeds.</summary>
    public string Failure { get; init; } = "";

    /// <summary>False: it tells that its tasks have started and nothing more of them, ever.</summary>
    public bool Ends { get; init; } = true;
}
