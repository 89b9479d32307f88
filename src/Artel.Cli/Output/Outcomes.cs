using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Cli.Output;

/// <summary>How an attempt ended, in words and as the exit status of a shell.</summary>
internal static class Outcomes
{
    private const int Kill = 9;

    /// <summary><c>exit status 3</c>, <c>signal 9 (SIGKILL)</c>, <c>could not be started: no such file</c>.</summary>
    public static string Describe(Attempt attempt)
    {
        var what = attempt.Outcome switch
        {
            AttemptOutcome.Succeeded => "succeeded",
            AttemptOutcome.Failed when attempt.ExitStatus == Attempt.UnknownExitStatus => "ended badly",
            AttemptOutcome.Failed => string.Create(CultureInfo.InvariantCulture, $"exit status {attempt.ExitStatus}"),
            AttemptOutcome.Signalled => $"signal {SignalName(attempt.Signal)}",
            AttemptOutcome.TimedOut => "timed out",
            AttemptOutcome.NotStarted => "could not be started",
            AttemptOutcome.Cancelled => "cancelled",
            AttemptOutcome.Lost => "lost",
            AttemptOutcome.Moved => "moved",
            AttemptOutcome.OutOfMemory => "out of memory",
            _ => "in flight",
        };
        return attempt.Message.Length == 0 ? what : $"{what}: {attempt.Message}";
    }

    /// <summary>The <c>exit</c> column: a status, a signal, or nothing where there was no process to tell.</summary>
    public static string Exit(Attempt? attempt) => attempt?.Outcome switch
    {
        AttemptOutcome.Failed when attempt.ExitStatus == Attempt.UnknownExitStatus => "failed",
        AttemptOutcome.Succeeded or AttemptOutcome.Failed => attempt.ExitStatus.ToString(CultureInfo.InvariantCulture),
        AttemptOutcome.Signalled => SignalName(attempt.Signal),
        AttemptOutcome.TimedOut => "timeout",
        AttemptOutcome.NotStarted => "not started",
        AttemptOutcome.Lost => "lost",
        AttemptOutcome.Moved => "moved",
        AttemptOutcome.OutOfMemory => "memory",
        _ => "",
    };

    /// <summary>
    /// The exit status for a program that stands for this one task, with the numbers of <c>timeout(1)</c> and <c>sh</c> for what has
    /// none of its own.
    /// </summary>
    public static int ShellStatus(WireTask task)
    {
        var last = task.Attempts.Count == 0 ? null : task.Attempts[^1];
        return (task.State, last?.Outcome) switch
        {
            (TaskState.Succeeded, _) => ExitStatus.Done,
            (_, AttemptOutcome.Failed) => last!.ExitStatus is > 0 and < 256 ? last.ExitStatus : ExitStatus.TaskFailed,
            (_, AttemptOutcome.Signalled) => ExitStatus.OfSignal(last!.Signal),
            (_, AttemptOutcome.TimedOut) => 124,
            (_, AttemptOutcome.NotStarted) => 127,
            (_, AttemptOutcome.OutOfMemory) => ExitStatus.OfSignal(Kill),
            _ => ExitStatus.TaskFailed,
        };
    }

    /// <summary>Wall time of an attempt: measured where it ended, else as far as it is known.</summary>
    public static TimeSpan? Wall(Attempt? attempt) =>
        attempt?.Usage?.Wall?.ToTimeSpan()
        ?? (attempt?.Started is { } started && attempt.Ended is { } ended ? ended.ToDateTimeOffset() - started.ToDateTimeOffset() : null);

    private static string SignalName(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => signal.ToString(CultureInfo.InvariantCulture),
    };
}
