using System.Globalization;
using Artel.Core;
using Artel.Server.People;
using Artel.Server.Storage;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Attempts in sentences.</summary>
internal static class AttemptText
{
    /// <summary>Why the task ended so. If the inside of the job is hidden, without what may quote it.</summary>
    public static string Reason(StoredAttempt attempt, Sight sight) =>
        sight.ShowsInside || attempt.Reason.Length == 0 || attempt.Next != TaskState.Failed ? attempt.Reason
        : attempt.Result.Outcome == AttemptOutcome.Lost ? $"lost with node {attempt.Node}"
        : (attempt.Result with { Message = "" }).Describe();

    public static string Describe(V1.Attempt attempt)
    {
        var how = attempt.Outcome switch
        {
            V1.AttemptOutcome.Failed when attempt.ExitStatus == V1.Attempt.UnknownExitStatus => "ended badly",
            V1.AttemptOutcome.Failed => string.Create(CultureInfo.InvariantCulture, $"ended with exit status {attempt.ExitStatus}"),
            V1.AttemptOutcome.Signalled => string.Create(CultureInfo.InvariantCulture, $"was ended by signal {attempt.Signal}"),
            V1.AttemptOutcome.TimedOut => "timed out",
            V1.AttemptOutcome.NotStarted => "could not be started",
            V1.AttemptOutcome.Cancelled => "was cancelled",
            V1.AttemptOutcome.Lost => "was lost",
            V1.AttemptOutcome.Moved => "was moved",
            V1.AttemptOutcome.OutOfMemory => "ran out of memory",
            _ => "succeeded",
        };
        var why = attempt.Message.Length > 0 ? $": {attempt.Message}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"attempt {attempt.Number} on node {attempt.Node} {how}{why}");
    }
}
