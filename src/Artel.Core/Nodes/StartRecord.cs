using System.Globalization;

namespace Artel.Core;

/// <summary>
/// How starting tasks of one user went on a node of late. A task that cannot be started is tried on another node: if it starts there, the
/// fault was the node's. Until one starts, the node gets one task of the user at a time, and after a few failures only now and then: so a node
/// on which nothing can be started does not take the work of others. It is kept for each user, since what hinders one, such as a missing
/// account, may not hinder others.
/// </summary>
/// <param name="FailedInARow">Tasks that could not be started here since one was, not counting those that start nowhere.</param>
/// <param name="IsBlamed">One of them was started on another node.</param>
/// <param name="Last">The last of them.</param>
/// <param name="Rests">How often in a row the node got nothing for a time.</param>
/// <param name="NextTry">When it gets the next task. Null: as soon as it has none that waits to be started.</param>
public sealed record StartRecord(int FailedInARow, bool IsBlamed, TaskId? Last, int Rests, DateTimeOffset? NextTry)
{
    /// <summary>After so many failures in a row the node gets nothing for a time.</summary>
    private const int Patience = 3;

    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);

    /// <summary>If tasks start, or none was tried.</summary>
    public static StartRecord Good { get; } = new(0, false, null, 0, null);

    public bool IsGood => FailedInARow == 0;

    /// <summary>True if the node is shown to people as one with a problem.</summary>
    public bool IsTrouble => IsBlamed || FailedInARow >= Patience;

    /// <summary>For people. Why tasks could not be started may be for their user alone: it is told with the task.</summary>
    /// <param name="user">Whose tasks they are.</param>
    public string Describe(string user)
    {
        var tasks = FailedInARow == 1 ? "task" : string.Create(CultureInfo.InvariantCulture, $"{FailedInARow} tasks");
        return $"the last {tasks} of {user} could not be started here{(IsBlamed ? ", though such tasks start on other nodes" : "")}; one is tried now and then; 'artel show {Last}' says why";
    }

    /// <summary>After a task that could not be started.</summary>
    public StartRecord AfterFailure(TaskId task, DateTimeOffset now)
    {
        var next = this with { FailedInARow = FailedInARow + 1, Last = task };

        // What it had in its hands when its rest began says nothing new.
        return NextTry is null && next.IsTrouble ? next.Resting(now) : next;
    }

    /// <summary>After a task that could not be started here was started on another node.</summary>
    public StartRecord Blamed(DateTimeOffset now)
    {
        var blamed = this with { IsBlamed = true };
        return NextTry is null ? blamed.Resting(now) : blamed;
    }

    private StartRecord Resting(DateTimeOffset now)
    {
        var rest = FirstRest * Math.Pow(2, Rests);
        return this with { Rests = Rests + 1, NextTry = now + (rest < LongestRest ? rest : LongestRest) };
    }
}
