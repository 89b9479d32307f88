using Artel.Protocol.V1;

namespace Artel.Protocol.Text;

/// <summary>The names of the wire's enums: lower-case words, the same for people, for JSON and for options.</summary>
public static class StateWords
{
    public static string Of(JobState state) => state switch
    {
        JobState.Waiting => "waiting",
        JobState.Running => "running",
        JobState.Succeeded => "succeeded",
        JobState.Failed => "failed",
        JobState.Cancelled => "cancelled",
        _ => "unknown",
    };

    public static string Of(TaskState state) => state switch
    {
        TaskState.Waiting => "waiting",
        TaskState.Ready => "ready",
        TaskState.Leased => "leased",
        TaskState.Running => "running",
        TaskState.Succeeded => "succeeded",
        TaskState.Failed => "failed",
        TaskState.Cancelled => "cancelled",
        TaskState.Skipped => "skipped",
        _ => "unknown",
    };

    /// <summary>Null while the attempt is in flight.</summary>
    public static string? Of(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Succeeded => "succeeded",
        AttemptOutcome.Failed => "failed",
        AttemptOutcome.Signalled => "signalled",
        AttemptOutcome.TimedOut => "timed_out",
        AttemptOutcome.NotStarted => "not_started",
        AttemptOutcome.Cancelled => "cancelled",
        AttemptOutcome.Lost => "lost",
        AttemptOutcome.Moved => "moved",
        AttemptOutcome.OutOfMemory => "out_of_memory",
        _ => null,
    };

    public static string Of(NodeState state) => state switch
    {
        NodeState.Waiting => "waiting",
        NodeState.Running => "running",
        NodeState.Failed => "failed",
        NodeState.Succeeded => "succeeded",
        _ => "unknown",
    };

    public static string Of(NodeCondition condition) => condition switch
    {
        NodeCondition.Connected => "connected",
        NodeCondition.Disconnected => "disconnected",
        NodeCondition.Lost => "lost",
        NodeCondition.Stopped => "stopped",
        _ => "unknown",
    };

    public static string Of(Privacy privacy) => privacy switch
    {
        Privacy.Own => "own",
        Privacy.All => "all",
        _ => "unknown",
    };

    public static string Of(Role role) => role switch
    {
        Role.Viewer => "viewer",
        Role.User => "user",
        Role.Admin => "admin",
        Role.Node => "node",
        _ => "unknown",
    };
}
