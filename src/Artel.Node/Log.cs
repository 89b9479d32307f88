using Microsoft.Extensions.Logging;

namespace Artel.Node;

/// <summary>Everything the node agent logs, with its event ids, in one list.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "node {Node} keeps its data in {Folder}; launcher: {Launcher}")]
    public static partial void AgentStarts(ILogger log, string node, string folder, string launcher);

    [LoggerMessage(2, LogLevel.Information, "node {Node} ends: {Reason}")]
    public static partial void AgentEnds(ILogger log, string node, string reason);

    [LoggerMessage(3, LogLevel.Warning, "a process that an earlier agent left behind was ended: {Pid}")]
    public static partial void LeftOverEnded(ILogger log, int pid);

    [LoggerMessage(4, LogLevel.Warning, "this system has no way to find all processes of a task: one that is left behind outlives it, and all outlive this agent if it is killed")]
    public static partial void NoGuardian(ILogger log);

    [LoggerMessage(5, LogLevel.Information, "tasks run as: {Account}")]
    public static partial void RunsAs(ILogger log, string account);

    [LoggerMessage(6, LogLevel.Warning, "several people have tokens, and tasks of all of them run as the account of this agent, which can read the admin's token in {File}: "
        + "they can do everything. Start the node with --run-as (docs/security.md)")]
    public static partial void TasksCanReadAccess(ILogger log, string file);

    [LoggerMessage(10, LogLevel.Information, "connected to {Address}, epoch {Epoch}, heartbeat every {Period}")]
    public static partial void Connected(ILogger log, string address, long epoch, string period);

    [LoggerMessage(11, LogLevel.Warning, "no link to {Address}: {Reason}; next try in {Delay}")]
    public static partial void LinkDown(ILogger log, string address, string reason, string delay);

    [LoggerMessage(12, LogLevel.Information, "the server closes the link: {Reason}")]
    public static partial void ToldToLeave(ILogger log, string reason);

    [LoggerMessage(13, LogLevel.Warning, "output of {Lease} could not be delivered, it is tried again: {Reason}")]
    public static partial void DeliveryFailed(ILogger log, string lease, string reason);

    [LoggerMessage(14, LogLevel.Warning, "the server says something this agent does not know; it is too new by more than it should be")]
    public static partial void UnknownMessage(ILogger log);

    [LoggerMessage(15, LogLevel.Debug, "tail {Tail} ended early: {Reason}")]
    public static partial void TailEnded(ILogger log, ulong tail, string reason);

    [LoggerMessage(16, LogLevel.Debug, "output of {Lease} is not sent while it is written any more, but after its end: {Reason}")]
    public static partial void AheadEnded(ILogger log, string lease, string reason);

    [LoggerMessage(17, LogLevel.Warning, "the server's present addresses and key cannot be kept for the next start: {Reason}")]
    public static partial void ServerNotKept(ILogger log, string reason);

    [LoggerMessage(18, LogLevel.Warning, "unsent results of another cluster or node id are kept in {Folder}: they are sent only when this node joins that one again; remove the folder if nobody needs them")]
    public static partial void OtherSpool(ILogger log, string folder);

    [LoggerMessage(20, LogLevel.Information, "{Count} finished results wait in the spool for the server")]
    public static partial void SpoolLoaded(ILogger log, int count);

    [LoggerMessage(21, LogLevel.Warning, "the last {Bytes} bytes of the spool's journal were damaged and are cut off")]
    public static partial void SpoolTailCut(ILogger log, long bytes);

    [LoggerMessage(22, LogLevel.Warning, "the result of {Lease} is reported to the server as lost: {Reason}")]
    public static partial void ResultLost(ILogger log, string lease, string reason);

    [LoggerMessage(23, LogLevel.Error, "this node takes no work until it can write again: {Problem}. What it held is given back; finished results stay")]
    public static partial void SpoolUnwritable(ILogger log, string problem);

    [LoggerMessage(24, LogLevel.Warning, "results can be kept in {Folder} again: this node works")]
    public static partial void SpoolWritable(ILogger log, string folder);

    [LoggerMessage(25, LogLevel.Warning, "{Bytes} bytes in the middle of the spool's journal are damaged: results that stood there are lost, and their tasks will run again")]
    public static partial void SpoolDamaged(ILogger log, long bytes);

    [LoggerMessage(26, LogLevel.Warning, "no more than {Most} tasks run here at once for now: {Reason}")]
    public static partial void RoomIsShort(ILogger log, int most, string reason);

    [LoggerMessage(27, LogLevel.Warning, "nothing can be started here, and this node takes no work for now: {Reason}")]
    public static partial void NothingStarts(ILogger log, string reason);

    [LoggerMessage(28, LogLevel.Information, "as many tasks run here again as fit")]
    public static partial void RoomIsEnough(ILogger log);

    [LoggerMessage(30, LogLevel.Debug, "attempt {Lease} of task {Job}.{Task} started as process {Pid}")]
    public static partial void AttemptStarted(ILogger log, string lease, long job, int task, int pid);

    [LoggerMessage(31, LogLevel.Debug, "attempt {Lease} of task {Job}.{Task} ended: {Outcome}")]
    public static partial void AttemptEnded(ILogger log, string lease, long job, int task, string outcome);

    [LoggerMessage(32, LogLevel.Warning, "scratch folder {Folder} could not be removed: {Reason}")]
    public static partial void ScratchNotRemoved(ILogger log, string folder, string reason);

    [LoggerMessage(
        34, LogLevel.Warning,
        "attempt {Lease} of task {Job}.{Task} was killed and has not ended; it keeps its place: {Reason}")]
    public static partial void Unended(ILogger log, string lease, long job, int task, string reason);

    [LoggerMessage(35, LogLevel.Warning, "a task has ended and left a process: {Reason}")]
    public static partial void LeftByTask(ILogger log, string reason);

    [LoggerMessage(
        36, LogLevel.Warning,
        "TMPDIR of a task is {Folder}, which does not exist here: it gets {Usual} instead; this is said once")]
    public static partial void NoTemporaryFolder(ILogger log, string folder, string usual);

    [LoggerMessage(33, LogLevel.Information, "draining: {Draining}")]
    public static partial void Draining(ILogger log, bool draining);
}
