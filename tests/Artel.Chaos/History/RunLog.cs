using System.Globalization;

namespace Artel.Chaos.History;

/// <summary>Reads the lines that the processes of tasks wrote.</summary>
internal static class RunLog
{
    public static List<ProcessRun> Read(string folder) =>
    [
        .. Directory.EnumerateFiles(folder).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))
            .SelectMany(f => Parse(Path.GetFileName(f), File.ReadLines(f))),
    ];

    /// <param name="task">Name of the file: job and task with a dot between.</param>
    public static IEnumerable<ProcessRun> Parse(string task, IEnumerable<string> lines)
    {
        var numbers = task.Split('.');
        var key = new TaskKey(long.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture));
        Dictionary<string, ProcessRun> runs = [];
        foreach (var line in lines)
        {
            if (line.Split(' ') is not [var what, var attempt, var node, var run, var time, var number])
                throw new FormatException($"the file of task {task} has the line '{line}'");

            var at = double.Parse(time, CultureInfo.InvariantCulture);
            var value = int.Parse(number, CultureInfo.InvariantCulture);
            runs[run] = what == "end"
                ? runs[run] with { End = at, Status = value }
                : new ProcessRun(key, int.Parse(attempt, CultureInfo.InvariantCulture), node, run, value, at, what == "overlap");
        }

        return runs.Values;
    }
}
