using System.CommandLine;
using System.CommandLine.Parsing;
using Artel.Cli.Commands;

namespace Artel.Cli.Selecting;

/// <summary>Arguments that name jobs and tasks, with errors that say what would be right. A filter can stand in their place, so none is required here.</summary>
internal static class SelectorArguments
{
    private const string JobName = "JOB";
    private const string TaskName = "JOB[.TASKS]";

    /// <summary>Any number of jobs.</summary>
    public static Argument<TaskSelector[]> Jobs(Surroundings s) => Create(
        s, JobName, "Numbers of jobs, or 'last': the newest one that you submitted.", ArgumentArity.ZeroOrMore, TaskSelector.JobRule, s => s.Tasks.Count == 0);

    /// <summary>One job.</summary>
    public static Argument<TaskSelector[]> Job(Surroundings s) => Create(
        s, JobName, "Number of the job, or 'last': the newest one that you submitted.", ArgumentArity.ZeroOrOne, TaskSelector.JobRule, s => s.Tasks.Count == 0);

    /// <summary>A job, or tasks of it.</summary>
    public static Argument<TaskSelector[]> JobOrTasks(Surroundings s) => Create(
        s, TaskName, "A job (12, or 'last'), or tasks of it (12.3, 12.3-7, last.3,5).", ArgumentArity.ZeroOrOne, TaskSelector.TaskRule, _ => true);

    /// <summary>Any number of jobs and tasks.</summary>
    public static Argument<TaskSelector[]> JobsOrTasks(Surroundings s) => Create(
        s, TaskName, "Jobs (12, or 'last') and tasks of them (12.3, 12.3-7, last.3,5).", ArgumentArity.ZeroOrMore, TaskSelector.TaskRule, _ => true);

    private static Argument<TaskSelector[]> Create(
        Surroundings s, string name, string description, ArgumentArity arity, string rule, Func<TaskSelector, bool> fits)
    {
        var argument = new Argument<TaskSelector[]>(name) { Description = description, Arity = arity, CustomParser = r => ReadAll(r, rule, fits) };
        argument.CompletionSources.Add(context => LiveCompletions.Jobs(s, context, withTasks: name == TaskName));
        return argument;
    }

    private static TaskSelector[]? ReadAll(ArgumentResult result, string rule, Func<TaskSelector, bool> fits)
    {
        var read = new List<TaskSelector>();
        foreach (var token in result.Tokens)
        {
            if (TaskSelector.Parse(token.Value) is { } selector && fits(selector))
                read.Add(selector);
            else if (token.Value.StartsWith("--", StringComparison.Ordinal))
                result.AddError($"'{token.Value}' is no option of this command");
            else
                result.AddError($"'{token.Value}' is no job or task: {rule}");
        }

        return read.Count == result.Tokens.Count ? [.. read] : null;
    }
}
