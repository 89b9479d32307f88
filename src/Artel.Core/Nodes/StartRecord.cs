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
/// <param name="Reason">Why the last one was not started, as the node says.</param>
/// <param name="Rests">How often in a row the node got nothing for a time.</param>
/// <param name="NextTry">When it gets the next task. Null: as soon as it has none that waits to be started.</param>
public sealed record StartRecord(int FailedInARow, bool IsBlamed, string Reason, int Rests, DateTimeOffset? NextTry)
{
    /// <summary>After so many failures in a row the node gets nothing for a time.</summary>
    private const int Patience = 3;

    private const int LongestReason = 200;
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);

    /// <summary>If tasks start, or none was tried.</summary>
    public static StartRecord Good { get; } = new(0, false, "", 0, null);

    public bool IsGood => FailedInARow == 0;

    /// <summary>Whether people are to know.</summary>
    public bool IsTrouble => IsBlamed || FailedInARow >= Patience;

    /// <summary>For people.</summary>
    /// <param name="user">Whose tasks they are.</param>
    public string Describe(string user) => string.Create(
        CultureInfo.InvariantCulture,
        $"the last {(FailedInARow == 1 ? "task" : $"{FailedInARow} tasks")} of {user} could not be started here{(IsBlamed ? ", but on another node" : "")} ({Reason}); one is tried now and then");

    /// <summary>After a task that could not be started.</summary>
    /// <param name="message">Why, as the node says.</param>
    public StartRecord AfterFailure(string message, DateTimeOffset now)
    {
        var next = this with { FailedInARow = FailedInARow + 1, Reason = message.Length > LongestReason ? message[..LongestReason] + "…" : message };

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
