using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Another job, or a task of it, as text: <c>12</c>, <c>12.3</c>.</summary>
public static class JobDependencies
{
    /// <summary>Null where it is neither; <paramref name="error"/> says what would be right.</summary>
    public static JobDependency? Parse(string text, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        error = "";
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (long.TryParse(point < 0 ? text : text.AsSpan(0, point), NumberStyles.None, CultureInfo.InvariantCulture, out var job) && job > 0)
        {
            if (point < 0)
                return new JobDependency { Job = job };

            if (int.TryParse(text.AsSpan(point + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var task) && task > 0)
                return new JobDependency { Job = job, Task = task };
        }

        error = $"'{Quote.Shorten(text)}' is no job or task: write a job (12) or a task of it (12.3)";
        return null;
    }

    public static string Format(JobDependency dependency)
    {
        ArgumentNullException.ThrowIfNull(dependency);
        return string.Create(CultureInfo.InvariantCulture, $"{dependency.Job}{(dependency.Task == 0 ? "" : $".{dependency.Task}")}");
    }
}
