using System.CommandLine;
using System.CommandLine.Parsing;

namespace Artel.Cli.Selecting;

/// <summary>Arguments that name jobs and tasks, with errors that say what would be right.</summary>
internal static class SelectorArguments
{
    /// <summary>One job.</summary>
    public static Argument<TaskSelector> Job() => new("JOB")
    {
        Description = "Number of the job.",
        CustomParser = r => Read(r.Tokens[0].Value, r, TaskSelector.JobRule, s => s.Tasks is null),
    };

    /// <summary>Any number of jobs.</summary>
    public static Argument<TaskSelector[]> Jobs() => new("JOB")
    {
        Description = "Numbers of jobs.",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = r => ReadAll(r, TaskSelector.JobRule, s => s.Tasks is null),
    };

    /// <summary>A job or one task.</summary>
    public static Argument<TaskSelector> JobOrTask() => new("JOB[.TASK]")
    {
        Description = "A job (12) or a task of it (12.3).",
        CustomParser = r => Read(r.Tokens[0].Value, r, TaskSelector.TaskRule, s => s.Tasks is null || s.Task is not null),
    };

    /// <summary>Any number of jobs, tasks and ranges of tasks.</summary>
    public static Argument<TaskSelector[]> JobsOrTasks() => new("JOB[.TASK]")
    {
        Description = "Jobs (12), tasks (12.3) or ranges of tasks (12.3-7).",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = r => ReadAll(r, TaskSelector.RangeRule, _ => true),
    };

    private static TaskSelector[]? ReadAll(ArgumentResult result, string rule, Func<TaskSelector, bool> fits)
    {
        var selectors = result.Tokens.Select(t => Read(t.Value, result, rule, fits)).OfType<TaskSelector>().ToArray();
        return selectors.Length == result.Tokens.Count ? selectors : null;
    }

    private static TaskSelector? Read(string text, ArgumentResult result, string rule, Func<TaskSelector, bool> fits)
    {
        if (TaskSelector.Parse(text) is { } selector && fits(selector))
            return selector;

        result.AddError($"'{text}' is no job or task: {rule}");
        return null;
    }
}
