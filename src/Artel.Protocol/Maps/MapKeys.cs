namespace Artel.Protocol.Maps;

/// <summary>The keys of a map, and what to say to one that is none of them.</summary>
internal static class MapKeys
{
    public static readonly string[] Job = ["name", "priority", "hold", "start_at", "deadline", "max_fails", "fail_fast", "tags", "limits", "after", "defaults", "nodes", "tasks", "on_end"];

    public static readonly string[] Section = ["at_once", "tasks"];

    /// <summary>Where a task may take its entries from; one of them.</summary>
    public static readonly string[] Entries = ["matrix", "entries", "entries_file", "each_line"];

    /// <summary>Keys that say which task it is, not how tasks are run.</summary>
    public static readonly string[] OwnOfTask = ["name", "run", "array", .. Entries, "after", "after_each", "script"];

    public static readonly string[] Options =
    [
        "env", "cwd", "stdin", "stdin_file", "stdin_base64", "needs", "pin", "labels", "prefer", "tags", "at_once", "retries", "retry_on", "no_retry_on", "avoid_same_node", "retry", "timeout",
        "grace", "on_node_lost", "exclusive", "output_limit",
    ];

    public static readonly string[] Task = [.. OwnOfTask, .. Options];

    public static readonly string[] Retry =
        ["retries", "backoff", "factor", "max_backoff", "jitter", "retry_on", "no_retry_on", "avoid_same_node"];

    /// <summary>Keys of <c>retry</c> that may also stand in the task itself.</summary>
    public static readonly string[] RetryOfTask = ["retries", "retry_on", "no_retry_on", "avoid_same_node"];

    public static readonly string[] Needs = ["cpus", "memory", "gpus", "counters"];

    /// <summary>What other programs call it, and no count of slips would lead to.</summary>
    private static readonly Dictionary<string, string> OtherWords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["command"] = "run",
        ["cmd"] = "run",
        ["args"] = "run",
        ["argv"] = "run",
        ["environment"] = "env",
        ["variables"] = "env",
        ["dir"] = "cwd",
        ["directory"] = "cwd",
        ["workdir"] = "cwd",
        ["working_directory"] = "cwd",
        ["depends"] = "after",
        ["depends_on"] = "after",
        ["resources"] = "needs",
        ["requests"] = "needs",
        ["requires"] = "labels",
        ["not_before"] = "start_at",
        ["begin"] = "start_at",
        ["dependency"] = "after",
        ["foreach"] = "entries",
        ["for_each"] = "entries",
        ["items"] = "entries",
        ["params"] = "matrix",
        ["parameters"] = "matrix",
        ["concurrency"] = "at_once",
        ["parallel"] = "at_once",
        ["max_retries"] = "retries",
        ["exit_codes"] = "retry_on",
        ["max_delay"] = "max_backoff",
        ["time_limit"] = "timeout",
        ["jobs"] = "tasks",
        ["steps"] = "tasks",
        ["cpu"] = "cpus",
        ["mem"] = "memory",
        ["ram"] = "memory",
        ["gpu"] = "gpus",
    };

    /// <summary>The known key that was probably meant, or null.</summary>
    public static string? Meant(string key, string[] known) =>
        OtherWords.TryGetValue(key, out var word) && known.Contains(word) ? word : Nearest.To(key, known);

    /// <summary>"did you mean 'x'?", or the list of what there is.</summary>
    public static string Remedy(string key, string[] known) => key == "<<"
        ? "merge keys are not supported: put what tasks share under 'defaults'"
        : Meant(key, known) is { } word ? $"did you mean '{word}'?" : $"one of {string.Join(", ", known)}";
}
