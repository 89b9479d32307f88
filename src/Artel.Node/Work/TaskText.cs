using System.Globalization;
using Artel.Node.Accounts;
using Artel.Node.Processes;
using Artel.Protocol.Maps;
using Artel.Protocol.Tasks;
using Artel.Protocol.Text;
using Artel.Protocol.Tracing;
using Artel.Protocol.V1;
using Microsoft.Extensions.Logging;

namespace Artel.Node.Work;

/// <summary>
/// Fills in a template for one task: the marks of <see cref="MarkedText"/> become its index and its entry in arguments, values of
/// the environment and the working directory; and the environment says who the task is.
/// </summary>
/// <param name="node">Its id.</param>
/// <param name="hasGpus">Whether it has any.</param>
/// <param name="enforcesMemory">Whether a task may take no more memory than it asks for.</param>
/// <param name="log">For what a task gets that is not what its environment says.</param>
internal sealed class TaskText(string node, bool hasGpus, bool enforcesMemory, ILogger log)
{
    private const string Cuda = "CUDA_VISIBLE_DEVICES";
    private const string Rocm = "ROCR_VISIBLE_DEVICES";
    private const string TemporaryFolder = "TMPDIR";
    private const string UsualTemporaryFolder = "/tmp";

    private static readonly Dictionary<string, string> AgentsOwn = OwnProcess.Variables();
    private static readonly string AgentsFolder = OwnProcess.CurrentFolder();

    private static readonly InheritedEnvironment AgentEnvironment =
        new(AgentsOwn.Where(v => InheritedVariables.IsForTasks(v.Key)).ToDictionary(StringComparer.Ordinal));

    private static readonly InheritedEnvironment AccountEnvironment =
        new(AgentsOwn.Where(v => InheritedVariables.IsForAccounts(v.Key)).ToDictionary(StringComparer.Ordinal));

    private string? _missingTemporary;

    /// <param name="task">The task.</param>
    /// <param name="allotment">What it was given.</param>
    /// <param name="scratchFolder">Of a task that has one, else null.</param>
    /// <param name="account">As whom it runs; null: as the agent itself.</param>
    public LaunchRequest Fill(in GrantedTask task, Allotment allotment, string? scratchFolder, Account? account = null)
    {
        var spec = task.Template.Spec;
        var index = task.Template.IndexAt(task.Position);
        var texts = task.Template.Texts;
        using var values = new MarkValues(index, task.Entry);
        var arguments = texts.Run(values);
        var environment = account is null ? new ProcessEnvironment(AgentEnvironment) : EnvironmentOf(account);
        foreach (var (name, value) in texts.Environment(values))
            environment[name] = value;

        environment["ARTEL_JOB_ID"] = task.Template.Job.ToString(CultureInfo.InvariantCulture);
        environment["ARTEL_TASK_ID"] = string.Create(CultureInfo.InvariantCulture, $"{task.Template.Job}.{task.Task}");
        environment["ARTEL_ATTEMPT"] = task.Attempt.ToString(CultureInfo.InvariantCulture);
        environment["ARTEL_NODE"] = node;
        environment.Remove("ARTEL_TASK_INDEX");
        if (index is { } number)
            environment["ARTEL_TASK_INDEX"] = number.ToString(CultureInfo.InvariantCulture);

        SetTrace(environment, task);
        SetGpus(environment, spec, allotment);
        environment.Remove("ARTEL_CPUS");
        if (allotment.Cpus.Count > 0)
            environment["ARTEL_CPUS"] = string.Join(',', allotment.Cpus);

        // That of an account is only known when it has become that account: its home may be the folder, or none.
        var folder = scratchFolder ?? texts.Directory(values);
        if (account is null && !spec.Env.ContainsKey("PWD"))
            environment["PWD"] = folder.Length > 0 ? folder : AgentsFolder;

        if (environment.TryGetValue(TemporaryFolder, out var temporary) && temporary.Length > 0
            && !ProgramPath.IsFolder(Path.Combine(folder, temporary)))
        {
            environment[TemporaryFolder] = UsualTemporaryFolder;
            NoteMissing(temporary);
        }

        environment.Remove(TaskEntry.Variable);
        if (task.Entry is { } entry)
            environment[TaskEntry.Variable] = entry.Shown;

        return new LaunchRequest(
            arguments,
            environment,
            folder,
            spec.HasStdin ? spec.Stdin.Memory : null,
            allotment.Cpus,
            enforcesMemory && task.Template.Needs.MemoryBytes is > 0 and var memory ? memory : null,
            account);
    }

    /// <summary>Once: a task that finds no temporary folder fails in ways that do not name it.</summary>
    private void NoteMissing(string folder)
    {
        if (Interlocked.Exchange(ref _missingTemporary, folder) is null)
            Log.NoTemporaryFolder(log, RawText.Show(folder), UsualTemporaryFolder);
    }

    /// <summary>As after a login: what is the account's own, and of the agent's what has no owner.</summary>
    private static ProcessEnvironment EnvironmentOf(Account account) => new(AccountEnvironment)
    {
        ["HOME"] = account.Home,
        ["USER"] = account.Name,
        ["LOGNAME"] = account.Name,
        ["SHELL"] = account.Shell,
    };

    /// <summary>The span of the attempt as the parent of what the task records; the trace in which the agent was started is not the task's. What the task's own environment says comes first.</summary>
    private static void SetTrace(ProcessEnvironment environment, in GrantedTask task)
    {
        if (task.Template.Trace is not { } trace || task.Template.Spec.Env.ContainsKey(TraceParent.Variable))
            return;

        environment[TraceParent.Variable] = TaskTraces.ParentOf(trace, task.Task, task.Attempt).ToString();
        if (!task.Template.Spec.Env.ContainsKey("TRACESTATE"))
            environment.Remove("TRACESTATE");
    }

    /// <summary>
    /// A task that has gpus sees those, whatever else its environment says. One that has none sees none, so that it does not grab what others
    /// were given, unless its own environment says which.
    /// </summary>
    private void SetGpus(ProcessEnvironment environment, TaskTemplate spec, Allotment allotment)
    {
        environment.Remove("ARTEL_GPUS");
        if (!hasGpus)
            return;

        var names = string.Join(',', allotment.Gpus.Select(g => g.Name));
        if (names.Length > 0)
            environment["ARTEL_GPUS"] = names;

        foreach (var variable in (ReadOnlySpan<string>)[Cuda, Rocm])
        {
            if (names.Length > 0 || !spec.Env.ContainsKey(variable))
                environment[variable] = names;
        }

        // By default the fastest gpu has index 0: but an index is to mean the same to everybody who uses it.
        if (!environment.TryGetValue("CUDA_DEVICE_ORDER", out _))
            environment["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";
    }
}
