using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Events;

/// <summary>How the list shows kinds of events.</summary>
internal static class EventWords
{
    /// <summary><c>tasks failed</c>.</summary>
    public static string Kind(EventKind kind) => EventText.WordOf(kind).Replace('_', ' ');

    /// <summary>The state whose colour it has: the one that something came into.</summary>
    public static string Color(Event e) => e.Kind switch
    {
        EventKind.JobEnded => e.Detail is "failed" or "cancelled" ? e.Detail : "succeeded",
        EventKind.TasksSucceeded or EventKind.NodeConnected => "succeeded",
        EventKind.TasksFailed or EventKind.AttemptFailed or EventKind.AttemptLost or EventKind.NodeLost => "failed",
        EventKind.TasksCancelled or EventKind.JobHeld or EventKind.NodeDraining or EventKind.NodeDisconnected or EventKind.AttemptMoved => "cancelled",
        EventKind.TasksSkipped => "skipped",
        EventKind.JobStarted or EventKind.JobReopened or EventKind.JobReleased or EventKind.TasksRetried or EventKind.NodeResumed => "running",
        EventKind.NodeStopped or EventKind.NodeForgotten => "waiting",
        _ => "ready",
    };
}
