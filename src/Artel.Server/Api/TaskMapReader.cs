using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.Storage;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>
/// Many tasks of a job at once, by their states: of an unfinished job from the ranges that the rules have, of an ended one by what in it did not succeed,
/// which is nothing at best.
/// </summary>
internal sealed class TaskMapReader(ClusterLoop loop, IClusterStore store, JobReader jobs)
{
    private const int DefaultCells = 1000;
    private const int MaxCells = 10_000;
    private const int DefaultPage = 100;
    private const int MaxPage = 1000;

    /// <summary>From one in so many tasks that did not succeed, a walk over all tasks costs less than a look at each of those.</summary>
    private const int ManyOneIn = 8;

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

    public async Task<V1.ListTemplatesReply> ListTemplatesAsync(V1.ListTemplatesRequest request, CancellationToken cancellation)
    {
        var job = new JobId(request.Job);
        var limit = Asked.Number("limit", request.Limit, DefaultPage, MaxPage);
        if (request.Skip < 0)
        {
            throw Refusals.Invalid($"skip is {request.Skip}: a number from 0");
        }

        var document = await jobs.GetDocumentAsync(job, cancellation);
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
                Run = { place.Template.Run },
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
        var counts = (await store.GetJobAsync(job, cancellation) ?? throw Refusals.NoJob(job)).Counts;
        if (counts.Total == 0)
        {
            // It was opened again between the two looks.
            throw Refusals.NotNow($"job {job} is being retried: ask again");
        }

        var map = make(counts.Total);
        map.Add(map.Tasks, TaskState.Succeeded);
        if (counts.Succeeded < counts.Total)
        {
            await store.FindUnsuccessfulAsync(
                job, map.Tasks, AreMany(counts.Total - counts.Succeeded, map.Tasks.Count), (tasks, state) => map.Move(tasks, TaskState.Succeeded, state), cancellation);
        }

        return map;
    }

    private async Task<TaskCounts[]> CountEndedAsync(JobId job, Protocol.Maps.TemplatePlace[] page, CancellationToken cancellation)
    {
        var all = (await store.GetJobAsync(job, cancellation) ?? throw Refusals.NoJob(job)).Counts;
        var (first, last) = (page[0].FirstTask, page[^1].LastTask);
        var ends = new int[page.Length, (int)TaskState.Skipped + 1];
        if (all.Succeeded < all.Total)
        {
            await store.FindUnsuccessfulAsync(job, new TaskRange(first, last), AreMany(all.Total - all.Succeeded, last - first + 1), Count, cancellation);
        }

        return
        [
            .. page.Select((p, i) =>
            {
                var (failed, cancelled, skipped) = (ends[i, (int)TaskState.Failed], ends[i, (int)TaskState.Cancelled], ends[i, (int)TaskState.Skipped]);
                return new TaskCounts(p.Count, 0, 0, 0, 0, p.Count - failed - cancelled - skipped, failed, cancelled, skipped);
            }),
        ];

        void Count(TaskRange tasks, TaskState state)
        {
            var task = Math.Max(tasks.First, first);
            while (task <= Math.Min(tasks.Last, last))
            {
                var at = PlaceOf(page, task);
                var end = Math.Min(tasks.Last, page[at].LastTask);
                ends[at, (int)state] += end - task + 1;
                task = end + 1;
            }
        }
    }

    private static bool AreMany(int unsuccessful, int tasks) => unsuccessful > tasks / ManyOneIn;

    private static int PlaceOf(Protocol.Maps.TemplatePlace[] page, int task)
    {
        var (low, high) = (0, page.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = page[middle].FirstTask <= task ? (middle, high) : (low, middle - 1);
        }

        return low;
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
