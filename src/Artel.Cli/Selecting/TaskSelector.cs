using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Cli.Selecting;

/// <summary>What a user names on the command line: a job (<c>12</c>), a task of it (<c>12.3</c>), or a range of tasks (<c>12.3-7</c>).</summary>
/// <param name="Job">From 1.</param>
/// <param name="Tasks">Null: the whole job.</param>
internal sealed record TaskSelector(long Job, (int First, int Last)? Tasks)
{
    public const string JobRule = "a job is a number, such as 12";
    public const string TaskRule = "write a job (12) or a task of it (12.3)";
    public const string RangeRule = "write a job (12), a task of it (12.3) or several (12.3-7)";

    public static TaskSelector? Parse(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (!TryNumber(dot < 0 ? text : text.AsSpan(0, dot), long.MaxValue, out var job))
            return null;

        if (dot < 0)
            return new TaskSelector(job, null);

        var tasks = text.AsSpan(dot + 1);
        var dash = tasks.IndexOf('-');
        if (!TryNumber(dash < 0 ? tasks : tasks[..dash], int.MaxValue, out var first))
            return null;

        var last = first;
        if (dash >= 0 && (!TryNumber(tasks[(dash + 1)..], int.MaxValue, out last) || last < first))
            return null;

        return new TaskSelector(job, ((int)first, (int)last));
    }

    /// <summary>The one task, where it names one.</summary>
    public int? Task => Tasks is var (first, last) && first == last ? first : null;

    /// <summary>One action for each job that is named, with the tasks that are; a job that is also named as a whole is taken whole.</summary>
    public static IReadOnlyList<JobAction> Actions(IEnumerable<TaskSelector> selectors)
    {
        var actions = new List<JobAction>();
        foreach (var job in selectors.GroupBy(s => s.Job))
        {
            var action = new JobAction { Job = job.Key };
            if (job.All(s => s.Tasks is not null))
                action.Tasks.AddRange(job.Select(s => new TaskRange { First = s.Tasks!.Value.First, Last = s.Tasks.Value.Last }));

            actions.Add(action);
        }

        return actions;
    }

    public override string ToString() => Tasks switch
    {
        null => Job.ToString(CultureInfo.InvariantCulture),
        var (first, last) when first == last => string.Create(CultureInfo.InvariantCulture, $"{Job}.{first}"),
        var (first, last) => string.Create(CultureInfo.InvariantCulture, $"{Job}.{first}-{last}"),
    };

    private static bool TryNumber(ReadOnlySpan<char> text, long max, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= max;
}
