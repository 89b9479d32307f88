using Artel.Core;
using Artel.Server.Endings;
using Artel.Server.Nodes;
using Artel.Server.Supervision;
using Artel.Server.Telemetry;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Loop;

/// <summary>
/// Everyone who is notified of what was committed: nodes, watchers of jobs, the log, telemetry. None of them can stop the committer or another one: each
/// only takes note here and does its work elsewhere, and what one throws is its own (<see cref="BackgroundParts.Call"/>).
/// </summary>
internal sealed class Audience(
    NodeSessions sessions, JobDocuments documents, JobSignals signals, Committed committed, EndingSignal endings, JobTraces traces, TelemetryFeed telemetry,
    BackgroundParts parts, TimeProvider time, ILogger<Audience> log)
{
    private readonly NodeTeller _nodes = new(sessions, documents, traces, log);

    /// <summary>Called in order of commit, by one caller at a time. Neither waits nor throws.</summary>
    public void Tell(IReadOnlyList<Change> changes)
    {
        parts.Call("keeping documents of jobs", () => TakeIn(changes));
        parts.Call("notifying nodes", () => _nodes.Tell(changes));
        parts.Call("notifying watchers of jobs", () => signals.Tell(changes));
        parts.Call("notifying readers of what is stored", committed.Tell);
        parts.Call("feeding telemetry", () => telemetry.Tell(changes, time.GetUtcNow(), documents));
        parts.Call("noting ends of jobs", () => LetGo(changes));
    }

    /// <summary>Asks nodes for unstarted leases back.</summary>
    public void Reclaim(IReadOnlyList<(NodeId Node, int Count)> requests)
    {
        foreach (var (node, count) in requests)
        {
            if (sessions.TryFind(node, out var session))
            {
                session.Send(new V1.ServerMessage { Reclaim = new V1.Reclaim { Count = count } });
            }
        }
    }

    private void TakeIn(IReadOnlyList<Change> changes)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case JobSubmitted submitted:
                    documents.Add(submitted.Job, submitted.Document);
                    log.JobSubmitted(submitted.Job.Value, submitted.Spec.Name, submitted.Spec.TaskCount);
                    break;
                case JobReopened reopened:
                    documents.Add(reopened.Job, reopened.Document);
                    break;
                case JobEnded ended:
                    log.JobEnded(ended.Job.Value, ended.State);
                    break;
                case NodeDisconnected { Condition: NodeCondition.Lost } lost:
                    log.NodeLost(lost.Node.Value);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Of ended jobs. Last, since the others read their documents.</summary>
    private void LetGo(IReadOnlyList<Change> changes)
    {
        foreach (var change in changes)
        {
            if (change is not JobEnded ended)
            {
                continue;
            }

            if (documents.Find(ended.Job)?.Submission.Job.OnEnd is not null)
            {
                endings.Tell();
            }

            documents.Remove(ended.Job);
        }
    }
}

internal static partial class AudienceLog
{
    [LoggerMessage(LogEvents.JobSubmitted, LogLevel.Debug, "Job {Job} '{Name}' with {Tasks} tasks")]
    public static partial void JobSubmitted(this ILogger log, long job, string name, int tasks);

    [LoggerMessage(LogEvents.JobEnded, LogLevel.Debug, "Job {Job} has ended: {State}")]
    public static partial void JobEnded(this ILogger log, long job, JobState state);

    [LoggerMessage(LogEvents.NodeLost, LogLevel.Warning, "Node {Node} is lost: its tasks are given up")]
    public static partial void NodeLost(this ILogger log, string node);
}
