using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Wire;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Tasks as callers see them: what is in flight or waits from the state, what has ended from the store.</summary>
internal sealed class TaskReader(ClusterLoop loop, IClusterStore store, JobReader jobs)
{
    private const int Page = 1000;
    private const int Close = 20;

    /// <summary>Tasks with numbers over <paramref name="after"/>, each with one attempt, and whether there are more.</summary>
    /// <param name="ranges">Only these; all where empty.</param>
    public async Task<(IReadOnlyList<V1.Task> Tasks, bool More)> ListAsync(
        JobId job, IReadOnlyCollection<TaskRange> ranges, int after, int limit, IReadOnlyCollection<V1.TaskState> states, Viewpoint view,
        CancellationToken cancellation)
    {
        var seen = await jobs.LookAsync(job, view, cancellation);
        var tasks = new List<V1.Task>();
        if (ranges.Count == 0 && states.Count > 0 && states.All(IsFoundByState))
        {
            ranges = Joined(await store.FindEndedAsync(job, [.. states.Select(s => (TaskState)s)], after, limit + 1, cancellation));
            if (ranges.Count == 0)
            {
                return ([], false);
            }
        }

        // Of all tasks as many are looked at as are asked for; how many have to be for those in some states, nobody knows.
        var size = states.Count == 0 ? (int)Math.Min(Page, limit + 1L) : Page;
        foreach (var page in PagesOf(ranges, after, seen.Document.Layout.TaskCount, size))
        {
            foreach (var task in await ReadAsync(seen, page, states, cancellation))
            {
                if (states.Count > 0 && !states.Contains(task.State))
                {
                    continue;
                }

                if (tasks.Count == limit)
                {
                    return (tasks, true);
                }

                if (task.Attempts.Count > 1)
                {
                    var newest = task.Attempts[^1];
                    task.Attempts.Clear();
                    task.Attempts.Add(newest);
                }

                tasks.Add(task);
            }
        }

        return (tasks, false);
    }

    /// <summary>One task with all of its attempts.</summary>
    public async Task<V1.Task> GetAsync(TaskId id, Viewpoint view, CancellationToken cancellation)
    {
        var seen = await jobs.LookAsync(id.Job, view, cancellation);
        if (id.Number < 1 || id.Number > seen.Document.Layout.TaskCount)
        {
            throw Refusals.NoTask(id, seen.Document.Layout.TaskCount);
        }

        return (await ReadAsync(seen, new TaskRange(id.Number, id.Number), [], cancellation))[0];
    }

    /// <summary>What a task is, without what has become of it.</summary>
    public static V1.Task Describe(TaskId id, SeenJob seen)
    {
        var place = seen.Document.Layout.TemplateOf(id.Number);
        var index = place.IndexOf(id.Number);
        var task = new V1.Task
        {
            Job = id.Job.Value,
            Number = id.Number,
            Name = place.Template.Name,
            AssignedNode = place.Node ?? "",
            OutputNumber = place.OutputNumber(id.Number),
            Retries = place.Retries,
        };
        if (index is { } value)
        {
            task.Index = value;
        }

        if (!seen.Sight.ShowsInside)
        {
            task.Hidden = true;
            return task;
        }

        var entry = place.EntryOf(id.Number);
        if (entry is { } given)
        {
            task.Entry = given.Shown;
        }

        using var values = place.ValuesOf(id.Number);
        task.Run.AddRange(place.Texts.Run(values));
        return task;
    }

    /// <summary>The same with what bounds its attempts.</summary>
    public static V1.Task DescribeWithLimits(TaskId id, SeenJob seen)
    {
        var task = Describe(id, seen);
        var template = seen.Document.Layout.TemplateOf(id.Number).Template;
        task.Timeout = template.Timeout;
        task.Needs = template.Needs;
        return task;
    }

    /// <summary>Few tasks end so, and the store knows them all: also of a job that goes on.</summary>
    private static bool IsFoundByState(V1.TaskState state) => state is V1.TaskState.Failed or V1.TaskState.Cancelled or V1.TaskState.Skipped;

    /// <summary>Those that lie close together as one: what is between is read with them, and left out again by its state.</summary>
    private static List<TaskRange> Joined(IReadOnlyList<TaskRange> ranges)
    {
        var joined = new List<TaskRange>();
        foreach (var range in ranges)
        {
            if (joined.Count > 0 && range.First <= joined[^1].Last + (long)Close)
            {
                joined[^1] = new TaskRange(joined[^1].First, Math.Max(joined[^1].Last, range.Last));
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined;
    }

    /// <summary>What is to be looked at, in order and each task once, in pieces of this size.</summary>
    private static IEnumerable<TaskRange> PagesOf(IReadOnlyCollection<TaskRange> ranges, int after, int count, int size)
    {
        var next = (long)after + 1;
        IEnumerable<TaskRange> asked = ranges.Count == 0 ? [new TaskRange(1, count)] : ranges.OrderBy(r => r.First);
        foreach (var range in asked)
        {
            next = Math.Max(next, range.First);
            while (next <= range.Last)
            {
                var last = Math.Min(range.Last, next + size - 1);
                yield return new TaskRange((int)next, (int)last);
                next = last + 1;
            }
        }
    }

    /// <param name="states">What the caller looks for: where nothing in the range can be in one of these, nothing may be given. Empty: all.</param>
    private async Task<List<V1.Task>> ReadAsync(
        SeenJob seen, TaskRange range, IReadOnlyCollection<V1.TaskState> states, CancellationToken cancellation)
    {
        var job = seen.Id;
        var views = await loop.AskAsync((state, _) => state.ViewTasks(job, range), cancellation);

        // Tasks that have not ended are known from the state alone: the store need not be asked for each of a large array.
        if (states.Count > 0 && states.All(s => !((TaskState)s).HasEnded()) && views.All(v => !states.Contains(WireWriter.Write(v.State))))
        {
            return [];
        }

        // Asked after the views: an attempt that has ended since shows twice at worst, and is then taken from the store.
        var attempts = (await store.ListAttemptsAsync(job, range, cancellation)).ToLookup(a => a.Task.Number);
        var ends = await store.ListEndsAsync(job, range, cancellation);
        var tasks = new List<V1.Task>(range.Count);
        for (var number = range.First; number <= range.Last; number++)
        {
            var task = DescribeWithLimits(new TaskId(job, number), seen);
            AddAttempts(task, attempts[number], seen.Sight);
            if (views.Count > 0)
            {
                AddView(task, views[number - range.First]);
            }

            if (task.State is V1.TaskState.Unspecified || ((TaskState)task.State).HasEnded())
            {
                foreach (var end in ends.Where(e => e.Tasks.First <= number && number <= e.Tasks.Last))
                {
                    task.State = WireWriter.Write(end.State);
                    task.Reason = end.Reason;
                }
            }

            tasks.Add(task);
        }

        return tasks;
    }

    private static void AddAttempts(V1.Task task, IEnumerable<StoredAttempt> attempts, Sight sight)
    {
        foreach (var attempt in attempts)
        {
            task.Attempts.Add(WireWriter.Write(attempt, sight));
            task.AttemptCount = attempt.Attempt;
            task.State = WireWriter.Write(attempt.Next);
            task.Reason = AttemptText.Reason(attempt, sight);
        }
    }

    private static void AddView(V1.Task task, TaskView view)
    {
        task.State = WireWriter.Write(view.State);
        if (!view.State.HasEnded())
        {
            task.Reason = "";
        }

        if (view.NotBefore is { } notBefore)
        {
            task.NotBefore = notBefore.ToTimestamp();
        }

        if (!view.State.HasEnded())
        {
            task.Failures = view.History.Failures;
            task.AvoidedNodes.AddRange(view.Avoided.Select(n => n.Value));
        }

        if (view.InFlight is { } inFlight && task.Attempts.All(a => a.Number != inFlight.Attempt))
        {
            task.Attempts.Add(WireWriter.Write(inFlight));
            task.AttemptCount = inFlight.Attempt;
        }
    }
}
