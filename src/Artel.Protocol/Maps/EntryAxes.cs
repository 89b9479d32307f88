using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>What the axes of a template come to. Costs what the axes cost, not what their combinations do.</summary>
public static class EntryAxes
{
    /// <summary>Whether entries are JSON: all but those of one axis that has no name and holds text. Can be told of a template without its values.</summary>
    public static bool AreJson(TaskTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return template.Axes.Count != 1 || template.Axes[0].Name.Length > 0 || template.Axes[0].Json;
    }

    /// <summary>How many combinations; more than <see cref="JobLimits.MaxTasks"/> is not counted on.</summary>
    public static long Count(TaskTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var count = 1L;
        foreach (var axis in template.Axes.Where(a => !a.Linked))
        {
            count *= Length(axis);
            if (count > JobLimits.MaxTasks)
                return long.MaxValue;
        }

        return count;
    }

    /// <summary>How many values an axis has.</summary>
    public static long Length(Axis axis)
    {
        ArgumentNullException.ThrowIfNull(axis);
        return axis.Indices is { } indices ? IndexSets.Count(indices) : axis.Values.Count;
    }

    /// <summary>The template as a node gets it, which is told the entries of its tasks one by one.</summary>
    public static TaskTemplate WithoutValues(TaskTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var bare = template.Clone();
        foreach (var axis in bare.Axes)
        {
            axis.Values.Clear();
            axis.Indices = null;
        }

        return bare;
    }
}
