using System.Globalization;
using Artel.Node.Processes;
using Artel.Protocol.Maps;

namespace Artel.Node.Work;

/// <summary>
/// Fills in a template for one task: the marks of <see cref="TaskMarks"/> become its index and its entry in arguments, values of
/// the environment and the working directory; and the environment says who the task is.
/// </summary>
internal sealed class TaskText(string node)
{
    // Without the secrets that the agent may have been started with, and who guards it: both are no task's business.
    private static readonly Dictionary<string, string> AgentEnvironment = Environment.GetEnvironmentVariables()
        .Cast<System.Collections.DictionaryEntry>()
        .Where(e => (string)e.Key is not ("ARTEL_TOKEN" or "ARTEL_JOIN" or Guardian.Variable))
        .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);

    /// <param name="task">The task.</param>
    /// <param name="scratchFolder">Of a task that has one, else null.</param>
    public LaunchRequest Fill(in GrantedTask task, string? scratchFolder)
    {
        var spec = task.Template.Spec;
        var index = task.Template.IndexAt(task.Position);
        var arguments = new string[spec.Run.Count];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = TaskMarks.Fill(spec.Run[i], index, task.Entry);

        var environment = new Dictionary<string, string>(AgentEnvironment, StringComparer.Ordinal);
        foreach (var (name, value) in spec.Env)
            environment[name] = TaskMarks.Fill(value, index, task.Entry);

        environment["ARTEL_JOB_ID"] = task.Template.Job.ToString(CultureInfo.InvariantCulture);
        environment["ARTEL_TASK_ID"] = string.Create(CultureInfo.InvariantCulture, $"{task.Template.Job}.{task.Task}");
        environment["ARTEL_ATTEMPT"] = task.Attempt.ToString(CultureInfo.InvariantCulture);
        environment["ARTEL_NODE"] = node;
        environment.Remove("ARTEL_TASK_INDEX");
        if (index is { } number)
            environment["ARTEL_TASK_INDEX"] = number.ToString(CultureInfo.InvariantCulture);

        environment.Remove(TaskEntry.Variable);
        if (task.Entry is { } entry)
            environment[TaskEntry.Variable] = entry.Shown;

        return new LaunchRequest(
            arguments,
            environment,
            scratchFolder ?? TaskMarks.Fill(spec.Cwd, index, task.Entry),
            spec.HasStdin ? spec.Stdin.Memory : null);
    }
}
