using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Protocol.Maps;

/// <summary>What must hold for one task by itself.</summary>
internal readonly struct TaskRules(TaskTemplate task, int? section, int number, SpecMistakes mistakes)
{
    private static readonly HashSet<string> OwnVariables =
        ["ARTEL_JOB_ID", "ARTEL_TASK_ID", "ARTEL_TASK_INDEX", TaskEntry.Variable, "ARTEL_ATTEMPT", "ARTEL_NODE"];

    /// <returns>How many tasks it makes; null where its array or its entries are wrong.</returns>
    public long? Check()
    {
        var texts = new TaskTextRules(task, section, number, mistakes);
        if (TextRules.NameProblem(task.Name) is { } problem)
            Add("name", $"the name {problem}");

        CheckRun(texts);
        CheckEnv(texts);
        CheckDirectory(texts);
        var arrayProblem = task.Array is null ? null : IndexSets.ProblemWithin(task.Array, ref mistakes.Comparisons);
        if (arrayProblem is not null)
            Add("array", arrayProblem);

        long? indices = task.Array is null || arrayProblem is not null ? null : IndexSets.Count(task.Array);
        var entries = new EntryRules(task, new SpecPlace(section, number, "entries"), mistakes).Check(indices, out var longest);
        texts.CheckEntries(entries is not null);
        texts.CheckLength(longest);
        if (task.Stdin.Length > JobLimits.MaxStdinBytes)
            Add("stdin", $"standard input is larger than {Sizes.Format(JobLimits.MaxStdinBytes)}", "let the task read a file");

        CheckScript();
        CheckNeeds();
        CheckLabels(task.Labels, "labels");
        CheckLabels(task.Prefer, "prefer");
        TermRules.CheckTags(task.Tags, new SpecPlace(section, number, "tags"), mistakes);
        CheckAtOnce();
        CheckRetry();
        CheckDuration("timeout", task.Timeout, isZeroAllowed: false);
        CheckDuration("grace", task.Grace, isZeroAllowed: true);
        if (!System.Enum.IsDefined(task.OnNodeLost))
            Add("on_node_lost", "unknown value of on_node_lost", "one of requeue, wait, fail");

        if (task.OutputLimit < 0)
            Add("output_limit", "output_limit is negative", "a size like '64MiB', or leave it out");

        return task.Array is not null ? indices : task.Axes.Count == 0 ? 1 : entries;
    }

    private void CheckRun(TaskTextRules texts)
    {
        if (task.Run.Count == 0)
        {
            Add("run", "run is empty", "write the program and its arguments, like [./simulate, --seed, 1]");
            return;
        }

        if (task.Run[0].Length == 0)
            AddItem("run", 0, "the program's name is empty", "the first item of run is the program");

        for (var i = 0; i < task.Run.Count; i++)
        {
            var argument = task.Run[i];
            if (TextRules.ArgumentProblem(argument) is { } problem)
                AddItem("run", i, $"argument {i} {problem}");

            texts.Check(argument, new SpecPlace(section, number, "run", null, i));
        }
    }

    private void CheckEnv(TaskTextRules texts)
    {
        foreach (var (name, value) in task.Env)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal))
                AddKey("env", name, $"wrong variable name '{Quote.Shorten(name)}'", "a name is not empty and has no '=' in it");
            else if (TextRules.ArgumentProblem(name) is { } nameProblem)
                AddKey("env", name, $"the variable name '{Quote.Shorten(name)}' {nameProblem}");
            else if (OwnVariables.Contains(name))
                AddKey("env", name, $"{name} is set by Artel for every task", "choose another name");

            if (TextRules.ArgumentProblem(value) is { } problem)
                AddKey("env", name, $"the variable {Quote.Shorten(name)} {problem}");

            texts.Check(value, new SpecPlace(section, number, "env", name), name);
        }
    }

    private void CheckDirectory(TaskTextRules texts)
    {
        if (task.Cwd.Length == 0)
            return;

        if (task.Scratch)
            Add("cwd", "both a working directory and a scratch folder", "give one of them");

        if (TextRules.ArgumentProblem(task.Cwd) is { } problem)
            Add("cwd", $"the working directory {problem}");
        else if (!Paths.IsAbsolute(task.Cwd))
            Add("cwd", $"the working directory '{Quote.Shorten(task.Cwd)}' is relative", "an absolute path");

        texts.Check(task.Cwd, new SpecPlace(section, number, "cwd"));
    }

    private void CheckScript()
    {
        const string Example = "like run: [/bin/sh, /home/me/job.sh]";
        if (task.Script is not { } script)
            return;

        var name = script.Path[(script.Path.LastIndexOf('/') + 1)..];
        var shown = Quote.Shorten(script.Path);
        if (TextRules.ArgumentProblem(script.Path) is { } problem)
            Add("script", $"the path of the script {problem}");
        else if (!Paths.IsAbsolute(script.Path) || name is "" or "." or "..")
            Add("script", $"the path of the script, '{shown}', is not that of a file", "an absolute path");
        else if (!task.Run.Contains(TaskMarks.Escape(script.Path)))
            Add("script", $"no argument of run is the path of the script, '{shown}'", Example);

        if (script.Content.Length > JobLimits.MaxStdinBytes)
        {
            var most = Sizes.Format(JobLimits.MaxStdinBytes);
            Add("script", $"the script is larger than {most}", "let a small script call it");
        }
    }

    private void CheckNeeds()
    {
        if (task.Needs is not { } needs)
            return;

        if (needs.MilliCpus < 0)
            Add("needs.cpus", "cpus is negative", "a number like '2' or '0.5'");
        if (needs.MemoryBytes < 0)
            Add("needs.memory", "memory is negative", "a size like '4GiB'");
        if (needs.MilliGpus < 0)
            Add("needs.gpus", "gpus is negative", "a number like '1' or '0.5'");
        else if (needs.MilliGpus > 1000 && needs.MilliGpus % 1000 != 0)
            Add("needs.gpus", $"{Thousandths.Format(needs.MilliGpus)} gpus", "a whole number of gpus, or a part of one, such as 0.5");

        foreach (var (name, count) in needs.Counters)
        {
            if (name.Length == 0 || TextRules.NameProblem(name) is not null)
                AddKey("needs.counters", name, $"wrong counter name '{Quote.Shorten(name)}'", "a word, on one line");
            else if (CounterNames.IsReserved(name))
                AddKey("needs.counters", name, $"'{name}' is no counter: every node has it", $"needs: {{ {name}: … }}, or --{name}");
            if (count < 0)
                AddKey("needs.counters", name, $"the counter {Quote.Shorten(name)} is negative", "a whole number from 0");
        }
    }

    private void CheckAtOnce()
    {
        if (task.AtOnce is < 0 or > JobLimits.MaxAtOnce)
            Add("at_once", "at_once is out of range", $"a whole number from 1 to {IndexSets.Plain(JobLimits.MaxAtOnce)}");
        else if (task.AtOnce > 0 && section is not null)
            Add("at_once", "at_once of a task in a node's list", "give it to the list, like 1: { at_once: 4, tasks: [ … ] }");
    }

    private void CheckLabels(Google.Protobuf.Collections.MapField<string, string> labels, string field)
    {
        foreach (var (name, value) in labels)
        {
            if (name.Length == 0 || TextRules.NameProblem(name) is not null)
                AddKey(field, name, $"wrong label '{Quote.Shorten(name)}'", "a word, on one line");
            if (TextRules.NameProblem(value) is { } problem)
                AddKey(field, name, $"the value of label {Quote.Shorten(name)} {problem}");
        }
    }

    private void CheckRetry()
    {
        if (task.Retry is not { } retry)
            return;

        if (retry.Retries is < 0 or > JobLimits.MaxRetries)
            Add("retry.retries", "retries is out of range", $"a whole number from 0 to {IndexSets.Plain(JobLimits.MaxRetries)}");

        // 0 means "not given"; the comparison is false for NaN too.
        if (retry.Factor != 0 && !(retry.Factor is >= 1 and <= JobLimits.MaxBackoffFactor))
            Add("retry.factor", "factor is out of range", $"a number from 1 to {JobLimits.MaxBackoffFactor}");

        if (retry.HasJitter && !(retry.Jitter is >= 0 and <= 1))
            Add("retry.jitter", "jitter is out of range", "a number from 0 to 1: the part of a pause that is left to chance");

        CheckFailures(retry);
        if (retry.AvoidSameNode && section is not null)
        {
            Add(
                "retry.avoid_same_node",
                "avoid_same_node in a node's list, whose tasks keep to their node",
                "leave it out, or put the task under 'tasks', where any fitting node may take it");
        }

        var isBackoffRight = CheckDuration("retry.backoff", retry.Backoff, isZeroAllowed: true);
        var isMaxRight = CheckDuration("retry.max_backoff", retry.MaxBackoff, isZeroAllowed: true);
        if (!isBackoffRight || !isMaxRight)
            return;

        var backoff = retry.Backoff?.ToTimeSpan() ?? JobLimits.DefaultBackoff;
        var longest = retry.MaxBackoff?.ToTimeSpan() ?? JobLimits.DefaultMaxBackoff;
        if (backoff > longest)
        {
            var given = retry.MaxBackoff is null ? " (the default)" : "";
            Add(
                retry.Backoff is null ? "retry.max_backoff" : "retry.backoff",
                $"backoff {Durations.Format(backoff)} is longer than max_backoff {Durations.Format(longest)}{given}",
                $"give a max_backoff of at least {Durations.Format(backoff)}");
        }
    }

    private void CheckFailures(RetryPolicy retry)
    {
        var problem = retry.RetryOn is null ? null : FailureSets.Problem(retry.RetryOn);
        if (problem is not null)
            Add("retry.retry_on", $"retry_on: {problem}");

        var otherProblem = retry.NoRetryOn is null ? null : FailureSets.Problem(retry.NoRetryOn);
        if (otherProblem is not null)
            Add("retry.no_retry_on", $"no_retry_on: {otherProblem}");

        if (problem is null && otherProblem is null && retry is { RetryOn: { } on, NoRetryOn: { } not } && FailureSets.Common(on, not) is { } both)
            Add("retry.no_retry_on", $"{both} is in both retry_on and no_retry_on", "take it out of one of them");
    }

    private bool CheckDuration(string field, Duration? duration, bool isZeroAllowed)
    {
        if (duration is null)
            return true;

        // Compared as it came: ToTimeSpan throws on a Duration that is out of range or half negative.
        var isRight = duration.Seconds >= 0
            && duration.Nanos is >= 0 and <= 999_999_999
            && duration.Seconds < (long)JobLimits.MaxDuration.TotalSeconds + 1
            && (isZeroAllowed || duration.Seconds > 0 || duration.Nanos > 0);
        if (!isRight)
        {
            var word = field[(field.IndexOf('.', StringComparison.Ordinal) + 1)..];
            var least = isZeroAllowed ? "from 0" : "longer than 0";
            Add(field, $"{word} is out of range", $"a duration {least}, at most {Durations.Format(JobLimits.MaxDuration)}");
        }

        return isRight;
    }

    private void Add(string field, string problem, string remedy = "") => mistakes.Add(new SpecPlace(section, number, field), problem, remedy);

    private void AddKey(string field, string key, string problem, string remedy = "") =>
        mistakes.Add(new SpecPlace(section, number, field, key), problem, remedy);

    private void AddItem(string field, int item, string problem, string remedy = "") =>
        mistakes.Add(new SpecPlace(section, number, field, null, item), problem, remedy);
}
