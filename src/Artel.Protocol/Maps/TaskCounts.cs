using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>How many tasks a template makes.</summary>
internal static class TaskCounts
{
    /// <summary>Null where its array or its entries are wrong, which is a mistake of their own.</summary>
    public static long? Of(TaskTemplate task)
    {
        if (task.Array is { } array)
            return IndexSets.Problem(array) is null ? IndexSets.Count(array) : null;

        if (task.Axes.Count == 0)
            return 1;

        return task.Axes.Any(a => a.Indices is { } indices && IndexSets.Problem(indices) is not null) ? null
            : EntryAxes.Count(task) is > 0 and <= JobLimits.MaxTasks and var count ? count
            : null;
    }
}
