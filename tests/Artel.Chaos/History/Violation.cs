namespace Artel.Chaos.History;

/// <summary>What must never be seen.</summary>
internal enum Must
{
    /// <summary>What was answered for is not there, or has no result.</summary>
    NothingLost,

    /// <summary>One request made two jobs, or one task has two accepted results.</summary>
    NothingDoubled,

    /// <summary>Two processes of an exclusive task were alive at once.</summary>
    ExclusiveAlone,

    /// <summary>A result was accepted of which no process reached that end, in that attempt, on that node.</summary>
    ResultsRan,

    /// <summary>The output kept is not, byte for byte, what the process wrote.</summary>
    OutputsWhole,

    /// <summary>A task ended otherwise than it was made to.</summary>
    OutcomesRight,

    /// <summary>A task ran before what it comes after had succeeded, or away from the node of its list.</summary>
    OrderKept,

    /// <summary>The server told a result and took it back.</summary>
    NothingTakenBack,

    /// <summary>A process was left over.</summary>
    NoOrphans,

    /// <summary>A program ended though nobody had ended it.</summary>
    NothingCrashed,
}

/// <summary>A must that does not hold, and where.</summary>
internal sealed record Violation(Must Must, string What);
