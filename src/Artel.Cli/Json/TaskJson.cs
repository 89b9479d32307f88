using Artel.Protocol.V1;

namespace Artel.Cli.Json;

/// <param name="Length">Bytes that are kept.</param>
/// <param name="Written">Bytes that the process wrote.</param>
/// <param name="Truncated">Only the beginning is kept: the process wrote more than the limit of its task.</param>
internal sealed record OutputInfoJson(long Length, long Written, bool Truncated)
{
    public static OutputInfoJson? Of(OutputInfo? info) =>
        info is null ? null : new OutputInfoJson(info.Length, info.Written, OutputCut.IsCut(info));
}

/// <param name="Outcome">Null while the attempt is in flight.</param>
/// <param name="ExitStatus">Null where no process ended by itself, or where its node does not know.</param>
/// <param name="Signal">Null unless a signal ended it.</param>
internal sealed record AttemptJson(
    int Number,
    string Node,
    string? Outcome,
    int? ExitStatus,
    int? Signal,
    string Message,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    double? WallSeconds,
    double? UserSeconds,
    double? SystemSeconds,
    long? PeakMemoryBytes,
    OutputInfoJson? Stdout,
    OutputInfoJson? Stderr)
{
    public static AttemptJson Of(Attempt a) => new(
        a.Number,
        a.Node,
        StateWords.Of(a.Outcome),
        a.Outcome is AttemptOutcome.Succeeded or AttemptOutcome.Failed && a.ExitStatus != Attempt.UnknownExitStatus ? a.ExitStatus : null,
        a.Outcome is AttemptOutcome.Signalled ? a.Signal : null,
        a.Message,
        a.Started?.ToDateTimeOffset(),
        a.Ended?.ToDateTimeOffset(),
        a.Usage?.Wall?.ToTimeSpan().TotalSeconds,
        a.Usage?.User?.ToTimeSpan().TotalSeconds,
        a.Usage?.System?.ToTimeSpan().TotalSeconds,
        a.Usage?.PeakMemoryBytes,
        OutputInfoJson.Of(a.Stdout),
        OutputInfoJson.Of(a.Stderr));
}

/// <param name="Task">Number within the job, from 1.</param>
/// <param name="Index">Array index; null for a task of no array.</param>
/// <param name="AssignedNode">Null for a task that any fitting node may take.</param>
/// <param name="OutputNumber">n of <c>out&lt;n&gt;.txt</c>.</param>
/// <param name="Failures">Failed attempts that count against its retries; 0 once it has ended.</param>
/// <param name="AvoidedNodes">Nodes that its next attempt avoids, while another could run it.</param>
/// <param name="Attempts">All of them for one task, the last one in lists.</param>
/// <param name="TimeoutSeconds">Limit of one attempt; null: none, or not known here (in results).</param>
/// <param name="MemoryBytes">What it asks for; null: nothing, or not known here.</param>
/// <param name="Hidden">The job is another's: arguments and messages are left out.</param>
internal sealed record TaskJson(
    long Job,
    int Task,
    string Name,
    long? Index,
    string State,
    string? AssignedNode,
    int OutputNumber,
    IReadOnlyList<string> Run,
    string Reason,
    DateTimeOffset? NotBefore,
    int AttemptCount,
    int Failures,
    int Retries,
    IReadOnlyList<string> AvoidedNodes,
    IReadOnlyList<AttemptJson> Attempts,
    double? TimeoutSeconds,
    long? MemoryBytes,
    bool Hidden)
{
    public static TaskJson Of(WireTask t) => new(
        t.Job,
        t.Number,
        t.Name,
        t.HasIndex ? t.Index : null,
        StateWords.Of(t.State),
        t.AssignedNode.Length == 0 ? null : t.AssignedNode,
        t.OutputNumber,
        [.. t.Run],
        t.Reason,
        t.NotBefore?.ToDateTimeOffset(),
        t.AttemptCount,
        t.Failures,
        t.Retries,
        [.. t.AvoidedNodes],
        [.. t.Attempts.Select(AttemptJson.Of)],
        t.Timeout?.ToTimeSpan().TotalSeconds,
        t.Needs is { MemoryBytes: > 0 } needs ? needs.MemoryBytes : null,
        t.Hidden);
}
