namespace Artel.Dashboard.Pages.Jobs;

/// <summary>Which tasks a task map shows after a step into it, out of it or along it. What is shown is a range of numbers, so that an address can hold it.</summary>
internal static class TaskMapGeometry
{
    /// <summary>More cells can not be told apart on a screen.</summary>
    public const int MostCells = 4000;

    private const int Step = 4;
    private const int StepOfPath = 16;
    private const int Fewest = 20;

    /// <summary>What an address asks for, or all tasks.</summary>
    public static TaskSpan Shown(long? from, long? count, int total) => TaskSpan.Within(from ?? 1, count ?? total, total);

    /// <summary>A quarter of what is shown, or four times as much; the task that was pointed at stays where it is on the screen as far as it can.</summary>
    public static TaskSpan Zoom(TaskSpan shown, int around, bool inwards, int total)
    {
        var count = inwards ? Math.Max(Math.Min(Fewest, shown.Count), (shown.Count + Step - 1) / Step) : (long)shown.Count * Step;
        var place = (double)(Math.Clamp(around, shown.First, shown.Last) - shown.First) / shown.Count;
        return TaskSpan.Within(around - (long)(place * count), count, total);
    }

    /// <summary>As many tasks before or behind what is shown.</summary>
    public static TaskSpan Move(TaskSpan shown, bool forward, int total) =>
        TaskSpan.Within(shown.First + (forward ? shown.Count : -(long)shown.Count), shown.Count, total);

    /// <summary>The way out: from all tasks, by ranges that each hold the next, to what is shown.</summary>
    public static IReadOnlyList<TaskSpan> Path(TaskSpan shown, int total)
    {
        var path = new List<TaskSpan> { shown };
        for (var size = (long)shown.Count * StepOfPath; size < total; size *= StepOfPath)
        {
            // At round places, so that the same one leads to all that is in it; beside one where it would be cut.
            var aligned = TaskSpan.Within(((path[^1].First - 1) / size * size) + 1, size, total);
            path.Add(aligned.Contains(path[^1]) ? aligned : TaskSpan.Within(path[^1].First - (size / 2), size, total));
        }

        if (shown.Count < total)
            path.Add(new TaskSpan(1, total));

        path.Reverse();
        return path;
    }
}
