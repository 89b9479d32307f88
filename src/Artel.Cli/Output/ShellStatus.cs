using Artel.Protocol.V1;

namespace Artel.Cli.Output;

/// <summary>A task's end as the exit status of a program.</summary>
internal static class ShellStatus
{
    private const int Kill = 9;

    /// <summary>
    /// The exit status for a program that stands for this one task, with the numbers of <c>timeout(1)</c> and <c>sh</c> for what has
    /// none of its own.
    /// </summary>
    public static int Of(WireTask task)
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
}
