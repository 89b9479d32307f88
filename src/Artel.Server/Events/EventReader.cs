using System.Globalization;
using Artel.Core;
using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.People;
using Artel.Server.Storage;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Events;

/// <summary>Gives events to those who ask, from what is kept: who reads slowly is not waited for and misses nothing.</summary>
internal sealed class EventReader(Database database, Committed committed, JobSignals signals)
{
    private const int Page = 1000;

    public async Task ReadAsync(V1.WatchEventsRequest request, Viewpoint view, IServerStreamWriter<V1.Event> stream, CancellationToken cancellation)
    {
        var after = request.After >= 0 ? request.After
            : await database.ReadAsync(c => EventRows.PositionBefore(c, request.Job, -Math.Max(request.After, -EventRows.Kept)), cancellation);
        if (request.After > 0)
        {
            await CheckAsync(after, cancellation);
        }

        // A reader that follows one job is not woken by others.
        using var watch = request is { Follow: true, Job: > 0 } ? signals.Watch(new JobId(request.Job)) : null;
        while (true)
        {
            // Asked for before reading: what is committed meanwhile is read in the next round.
            var more = watch?.NextChange ?? committed.Next;
            var page = await database.ReadAsync(c => EventRows.Read(c, after, request.Job, Page), cancellation);
            foreach (var (happened, user) in page)
            {
                await stream.WriteAsync(Write(happened, user, view), cancellation);
                after = happened.Position;
            }

            if (page.Count == Page)
            {
                continue;
            }

            if (!request.Follow)
            {
                return;
            }

            await more.WaitAsync(cancellation);
        }
    }

    private async Task CheckAsync(long after, CancellationToken cancellation)
    {
        var (first, last) = await database.ReadAsync(EventRows.Bounds, cancellation);
        if (after > last)
        {
            throw Refusals.Invalid(string.Create(CultureInfo.InvariantCulture, $"there is no event {after} yet: the last one is {last}"));
        }

        if (after < first - 1)
        {
            throw Refusals.NotNow(string.Create(
                CultureInfo.InvariantCulture, $"events up to {first - 1} are not kept any more: go on after {first - 1}, and look at jobs and nodes for what was before"));
        }
    }

    /// <param name="user">Whose job it is of; empty if it is of none.</param>
    private static V1.Event Write(ClusterEvent happened, string user, Viewpoint view)
    {
        var hidden = happened.Job != 0 && MayQuote(happened.Kind) && !view.Of(user).ShowsInside;
        return new V1.Event
        {
            Position = happened.Position,
            At = happened.At.ToTimestamp(),
            Kind = (V1.EventKind)happened.Kind,
            Job = happened.Job,
            Tasks = happened.Tasks,
            Node = happened.Node,
            Detail = hidden ? "" : happened.Detail,
            Hidden = hidden,
        };
    }

    /// <summary>Whether the detail may quote what a task wrote: everything that does not only tell names, states and numbers.</summary>
    private static bool MayQuote(EventKind kind) => kind is not (
        EventKind.JobSubmitted or EventKind.JobStarted or EventKind.JobHeld or EventKind.JobReleased or EventKind.JobPriorityChanged or EventKind.JobEnded
        or EventKind.JobReopened or EventKind.JobRevised or EventKind.TasksSucceeded or EventKind.TasksCancelled
        or EventKind.TasksSkipped or EventKind.TasksRetried);
}
