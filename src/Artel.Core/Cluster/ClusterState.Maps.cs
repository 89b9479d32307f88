namespace Artel.Core;

/// <summary>Questions about many tasks at once, answered from ranges.</summary>
public sealed partial class ClusterState
{
    /// <summary>Counts the tasks of a range in cells. False where there is no such unfinished job.</summary>
    public bool Fill(JobId id, TaskMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (!_jobs.TryGetValue(id, out var job))
        {
            return false;
        }

        for (var i = job.TemplateOf(map.Tasks.First).Index; i < job.Templates.Length && job.Templates[i].Spec.FirstTask <= map.Tasks.Last; i++)
        {
            Fill(map, job.Templates[i]);
        }

        // Few beside the tasks of a large job: a walk over them is cheaper than a look-up for each task.
        foreach (var (task, attempt) in job.InFlight.Values)
        {
            map.Move(new TaskRange(task, task), RestOf(attempt.Template), attempt.State);
        }

        return true;
    }

    /// <summary>A page of the templates of an unfinished job, in order. Empty where there is none.</summary>
    public IReadOnlyList<TemplateView> ViewTemplates(JobId id, int skip, int limit)
    {
        if (!_jobs.TryGetValue(id, out var job) || skip >= job.Templates.Length)
        {
            return [];
        }

        var page = job.Templates.AsSpan(skip, Math.Min(limit, job.Templates.Length - skip));
        var running = new int[page.Length];
        foreach (var attempt in job.InFlight.Values.Values)
        {
            var place = attempt.Template.Index - skip;
            if (attempt.State == TaskState.Running && place >= 0 && place < running.Length)
            {
                running[place]++;
            }
        }

        var views = new List<TemplateView>(page.Length);
        foreach (var template in page)
        {
            var (open, started) = (template.OpenCount, running[template.Index - skip]);
            views.Add(new TemplateView(template.Index, new TaskCounts(
                template.Spec.Count, template.BlockedCount + (template.IsWaiting ? open : 0), template.IsWaiting ? 0 : open, template.InFlightCount - started, started,
                template.SucceededCount, template.CountOf(TaskState.Failed), template.CountOf(TaskState.Cancelled), template.CountOf(TaskState.Skipped))));
        }

        return views;
    }

    /// <summary>Attempts of an unfinished job whose processes run, those that started first.</summary>
    /// <param name="before">Only those that started before.</param>
    /// <param name="count">How many there are in all.</param>
    public IReadOnlyList<AttemptView> ViewRunning(JobId id, DateTimeOffset before, int limit, out int count)
    {
        count = 0;
        if (!_jobs.TryGetValue(id, out var job))
        {
            return [];
        }

        // The latest of those that are kept goes first.
        var oldest = new PriorityQueue<Attempt, long>();
        foreach (var attempt in job.InFlight.Values.Values)
        {
            if (attempt is { State: TaskState.Running, Started: { } started } && started < before)
            {
                count++;
                oldest.Enqueue(attempt, -started.UtcTicks);
                if (oldest.Count > limit)
                {
                    oldest.Dequeue();
                }
            }
        }

        return [.. oldest.UnorderedItems.OrderByDescending(i => i.Priority).ThenBy(i => i.Element.Task.Number).Select(i => ViewOf(i.Element))];
    }

    private static void Fill(TaskMap map, Template template)
    {
        var rest = RestOf(template);
        map.Add(template.Spec.Tasks, rest);
        if (template.EndedCount == 0 && template.BlockedCount == 0)
        {
            return;
        }

        // The part of the template that is on the map.
        var first = Math.Max(0, map.Tasks.First - template.Spec.FirstTask);
        var last = Math.Min(template.Spec.Count - 1, map.Tasks.Last - template.Spec.FirstTask);
        var offsets = new TaskRange(first, last);
        foreach (var blocked in template.BlockedWithin(offsets))
        {
            map.Move(template.NumbersAt(blocked), rest, TaskState.Waiting);
        }

        foreach (var state in Template.EndStates)
        {
            foreach (var ended in template.EndedWithin(state, offsets))
            {
                map.Move(template.NumbersAt(ended), rest, state);
            }
        }
    }

    /// <summary>The state of those tasks of a template of which nothing else is known.</summary>
    private static TaskState RestOf(Template template) => template.IsWaiting ? TaskState.Waiting : TaskState.Ready;
}
