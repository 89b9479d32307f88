using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Protocol.Text;

/// <summary>How an attempt ended, in words and as the exit status of a shell.</summary>
public static class Outcomes
{
    /// <summary><c>exit status 3</c>, <c>signal 9 (SIGKILL)</c>, <c>could not be started: no such file</c>.</summary>
    public static string Describe(Attempt attempt)
    {
        var what = attempt.Outcome switch
        {
            AttemptOutcome.Succeeded => "succeeded",
            AttemptOutcome.Failed when attempt.ExitStatus == Attempt.UnknownExitStatus => "ended badly",
            AttemptOutcome.Failed => string.Create(CultureInfo.InvariantCulture, $"exit status {attempt.ExitStatus}"),
            AttemptOutcome.Signalled => SignalNames.Of(attempt.Signal),
            AttemptOutcome.TimedOut => "timed out",
            AttemptOutcome.NotStarted => "could not be started",
            AttemptOutcome.Cancelled => "cancelled",
            AttemptOutcome.Lost => "lost",
            AttemptOutcome.Moved => "moved",
            AttemptOutcome.OutOfMemory => "out of memory",
            AttemptOutcome.Unspecified => "in flight",
            _ => "ended badly",
        };
        return attempt.Message.Length == 0 ? what : $"{what}: {attempt.Message}";
    }

    /// <summary>The same with what it means: <c>signal 11 (SIGSEGV): it touched memory that is not its own</c>.</summary>
    public static string Explain(Attempt attempt, V1.Task task)
    {
        var meaning = Meaning(attempt, task);
        return meaning.Length == 0 ? Describe(attempt) : $"{Describe(attempt)}: {meaning}";
    }

    /// <summary>What the end of an attempt means, where its node has said no more than a number; else empty.</summary>
    public static string Meaning(Attempt attempt, V1.Task task) => attempt.Outcome switch
    {
        _ when attempt.Message.Length > 0 => "",
        AttemptOutcome.Failed => MeaningOf(attempt.ExitStatus),
        AttemptOutcome.Signalled => SignalNames.Meaning(attempt.Signal),
        AttemptOutcome.TimedOut when task.Timeout is { } limit => $"its limit is {Words.Duration(limit.ToTimeSpan())}",
        AttemptOutcome.Lost => $"with node {attempt.Node}",
        _ => "",
    };

    /// <summary>What shells and their like mean by a status; empty where it is the program's own.</summary>
    private static string MeaningOf(int status) => status switch
    {
        124 => "by convention: it timed out, said by a program of the task's own",
        126 => "by convention: a command was found, but could not be executed",
        127 => "by convention: a command was not found",
        > 128 and < 160 => $"as a shell says it of a program that {SignalNames.Of(status - 128)} ended",
        _ => "",
    };

    /// <summary>The <c>exit</c> column: a status, a signal, or nothing where there was no process to tell.</summary>
    public static string Exit(Attempt? attempt) => attempt?.Outcome switch
    {
        AttemptOutcome.Failed when attempt.ExitStatus == Attempt.UnknownExitStatus => "failed",
        AttemptOutcome.Succeeded or AttemptOutcome.Failed => attempt.ExitStatus.ToString(CultureInfo.InvariantCulture),
        AttemptOutcome.Signalled => SignalNames.Name(attempt.Signal),
        AttemptOutcome.TimedOut => "timeout",
        AttemptOutcome.NotStarted => "not started",
        AttemptOutcome.Lost => "lost",
        AttemptOutcome.Moved => "moved",
        AttemptOutcome.OutOfMemory => "memory",
        _ => "",
    };

    /// <summary>Wall time of an attempt: measured where it ended, else as far as it is known.</summary>
    public static TimeSpan? Wall(Attempt? attempt) =>
        attempt?.Usage?.Wall?.ToTimeSpan()
        ?? (attempt?.Started is { } started && attempt.Ended is { } ended ? ended.ToDateTimeOffset() - started.ToDateTimeOffset() : null);
}
