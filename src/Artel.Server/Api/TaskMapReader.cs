using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Loop;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>
/// Many tasks of a job at once, by their states: of an unfinished job from the ranges that the rules have, of an ended one by what in it did not succeed,
/// which is nothing at best.
/// </summary>
internal sealed class TaskMapReader(ClusterLoop loop, IClusterStore store, EndedStates ended, JobReader jobs)
{
    private const int DefaultCells = 1000;
    private const int MaxCells = 10_000;
    private const int DefaultPage = 100;
    private const int MaxPage = 1000;

    public async Task<V1.TaskMap> ReadAsync(V1.GetTaskMapRequest request, CancellationToken cancellation)
    {
        var job = new JobId(request.Job);
        var cells = Asked.Number("cells", request.Cells, DefaultCells, MaxCells);
        var map = await loop.AskAsync(
            (state, _) =>
            {
                var map = state.View(job) is { } view ? new TaskMap(RangeOf(request, view.Counts.Total), cells) : null;
                return map is not null && state.Fill(job, map) ? map : null;
            },
            cancellation);
        return Write(map ?? await ReadEndedAsync(job, total => new TaskMap(RangeOf(request, total), cells), cancellation));
    }

    public async Task<V1.ListTemplatesReply> ListTemplatesAsync(V1.ListTemplatesRequest request, Viewpoint view, CancellationToken cancellation)
    {
        var job = new JobId(request.Job);
        var limit = Asked.Number("limit", request.Limit, DefaultPage, MaxPage);
        if (request.Skip < 0)
        {
            throw Refusals.Invalid($"skip is {request.Skip}: a number from 0");
        }

        var seen = await jobs.LookAsync(job, view, cancellation);
        var (document, hidden) = (seen.Document, !seen.Sight.ShowsInside);
        var all = document.Layout.Templates;
        var reply = new V1.ListTemplatesReply { TemplateCount = all.Count };
        var page = all.Skip(request.Skip).Take(limit).ToArray();
        if (page.Length == 0)
        {
            return reply;
        }

        var views = await loop.AskAsync((state, _) => state.ViewTemplates(job, request.Skip, limit), cancellation);
        var counts = views.Count > 0 ? [.. views.Select(v => v.Counts)] : await CountEndedAsync(job, page, cancellation);
        foreach (var (place, count) in page.Zip(counts))
        {
            reply.Templates.Add(new V1.Template
            {
                Number = place.Number,
                Name = place.Template.Name,
                FirstTask = place.FirstTask,
                Counts = WireWriter.Write(count),
                Node = place.Node ?? "",
                After = { place.Template.After },
                AfterNumbers = { place.Template.After.Select(on => document.TemplateNamed(on.Name)) },
                Run = { hidden ? [] : place.Template.Run },
                Hidden = hidden,
            });
        }

        return reply;
    }

    private static TaskRange RangeOf(V1.GetTaskMapRequest request, int total)
    {
        var first = Asked.Number("first", request.First, 1, int.MaxValue);
        if (first > total)
        {
            throw Refusals.NoTask(new TaskId(new JobId(request.Job), first), total);
        }

        var rest = total - first + 1;
        return new TaskRange(first, first + Math.Min(rest, Asked.Number("count", request.Count, rest, int.MaxValue)) - 1);
    }

    /// <param name="make">Makes the map of a job with so many tasks.</param>
    private async Task<TaskMap> ReadEndedAsync(JobId job, Func<int, TaskMap> make, CancellationToken cancellation)
    {
        var stored = await FindEndedAsync(job, cancellation);
        var map = make(stored.Counts.Total);
        if (await ended.ReadAsync(stored, cancellation) is { } states)
        {
            map.AddEach(states.AsSpan(map.Tasks.First - 1, map.Tasks.Count));
        }
        else
        {
            map.Add(map.Tasks, TaskState.Succeeded);
        }

        return map;
    }

    private async Task<TaskCounts[]> CountEndedAsync(JobId job, TemplatePlace[] page, CancellationToken cancellation)
    {
        var states = await ended.ReadAsync(await FindEndedAsync(job, cancellation), cancellation);
        return [.. page.Select(Count)];

        TaskCounts Count(TemplatePlace place)
        {
            var of = new int[(int)TaskState.Skipped + 1];
            foreach (var (tasks, state) in states is null ? [] : Runs(states, new TaskRange(place.FirstTask, place.LastTask)))
            {
                of[(int)state] += tasks.Count;
            }

            var (failed, cancelled, skipped) = (of[(int)TaskState.Failed], of[(int)TaskState.Cancelled], of[(int)TaskState.Skipped]);
            return new TaskCounts(place.Count, 0, 0, 0, 0, place.Count - failed - cancelled - skipped, failed, cancelled, skipped);
        }
    }

    private async Task<StoredJob> FindEndedAsync(JobId job, CancellationToken cancellation)
    {
        var stored = await store.GetJobAsync(job, cancellation) ?? throw Refusals.NoJob(job);

        // One that has not ended was opened again since it was not among the unfinished ones.
        return stored.State.HasEnded() ? stored : throw Refusals.NotNow($"job {job} is being retried: ask again");
    }

    /// <summary>Those tasks of a range that did not succeed, as many as are alike together.</summary>
    private static IEnumerable<(TaskRange Tasks, TaskState State)> Runs(byte[] states, TaskRange tasks)
    {
        for (var at = tasks.First - 1; at < tasks.Last;)
        {
            var state = states[at];
            var same = states.AsSpan(at, tasks.Last - at).IndexOfAnyExcept(state);
            var next = same < 0 ? tasks.Last : at + same;
            if (state != (byte)TaskState.Succeeded)
            {
                yield return (new TaskRange(at + 1, next), (TaskState)state);
            }

            at = next;
        }
    }

    private static V1.TaskMap Write(TaskMap map) => new()
    {
        First = map.Tasks.First,
        Count = map.Tasks.Count,
        CellSize = map.CellSize,
        Cells = map.Cells,
        Waiting = { map[TaskState.Waiting].ToArray() },
        Ready = { map[TaskState.Ready].ToArray() },
        Leased = { map[TaskState.Leased].ToArray() },
        Running = { map[TaskState.Running].ToArray() },
        Succeeded = { map[TaskState.Succeeded].ToArray() },
        Failed = { map[TaskState.Failed].ToArray() },
        Cancelled = { map[TaskState.Cancelled].ToArray() },
        Skipped = { map[TaskState.Skipped].ToArray() },
    };
}
