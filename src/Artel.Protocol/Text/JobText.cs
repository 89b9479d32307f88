using Artel.Protocol.V1;

namespace Artel.Protocol.Text;

/// <summary>What is said about jobs in more than one place.</summary>
public static class JobText
{
    /// <summary>From its first process to its end, or to now.</summary>
    public static string Took(Job job, DateTimeOffset now) =>
        job.Started is null ? "" : Words.Duration((job.Ended?.ToDateTimeOffset() ?? now) - job.Started.ToDateTimeOffset());

    /// <summary><c>Job 3 succeeded: all 20 tasks succeeded, 3.2 s.</c></summary>
    public static string EndLine(Job job, DateTimeOffset now)
    {
        // A job of which nothing has started took no time, and the reader wants to know why.
        var took = Took(job, now);
        var end = took.Length > 0 ? $", {took}"
            : job.State == JobState.Succeeded ? ""
            : $"; 'artel why {job.Id}' says why";
        return $"Job {job.Id} {StateWords.Of(job.State)}: {Counts(job.Counts)}{end}.";
    }

    public static int Ended(TaskCounts? c) => c is null ? 0 : c.Succeeded + c.Failed + c.Cancelled + c.Skipped;

    /// <summary>Whether it waits for a release: one that was cancelled while it was held does not any more.</summary>
    public static bool IsHeld(Job job) => job.Held && !HasEnded(job.State);

    public static bool HasEnded(TaskState state) => state is TaskState.Succeeded or TaskState.Failed or TaskState.Cancelled or TaskState.Skipped;

    public static bool HasEnded(JobState state) => state is JobState.Succeeded or JobState.Failed or JobState.Cancelled;

    /// <summary><c>97 succeeded, 2 failed, 1 skipped of 100 tasks</c>: only what there is.</summary>
    public static string Counts(TaskCounts? counts)
    {
        var c = counts ?? new TaskCounts();
        if (c.Total == 0)
            return "no tasks";

        var parts = new List<string>();
        Add(c.Running, "running");
        Add(c.Leased, "leased");
        Add(c.Ready, "ready");
        Add(c.Waiting, "waiting");
        Add(c.Succeeded, "succeeded");
        Add(c.Failed, "failed");
        Add(c.Cancelled, "cancelled");
        Add(c.Skipped, "skipped");
        return parts.Count == 1 && JobText.Ended(c) == c.Total
            ? $"{(c.Total == 1 ? "1 task" : $"all {Words.Count(c.Total)} tasks")} {parts[0].Split(' ')[^1]}"
            : $"{string.Join(", ", parts)} of {Words.Tasks(c.Total)}";

        void Add(int count, string word)
        {
            if (count > 0)
                parts.Add($"{Words.Count(count)} {word}");
        }
    }

    /// <summary>True if tasks are assigned to nodes.</summary>
    public static bool IsAtWork(Job job) => job.Counts is { } counts && counts.Running + counts.Leased > 0;

    /// <summary><c>2 failed, 1 skipped</c>; empty where all succeeded.</summary>
    public static string NotSucceeded(TaskCounts? counts)
    {
        var c = counts ?? new TaskCounts();
        (int Count, string Word)[] parts = [(c.Failed, "failed"), (c.Cancelled, "cancelled"), (c.Skipped, "skipped")];
        return string.Join(", ", parts.Where(p => p.Count > 0).Select(p => $"{Words.Count(p.Count)} {p.Word}"));
    }

    public static string TaskId(V1.Task task) => FormattableString.Invariant($"{task.Job}.{task.Number}");

    /// <summary>In the place of what the caller does not see.</summary>
    public const string Hidden = "(only the owner and admins see this)";

    /// <summary>What it runs, as one would type it.</summary>
    public static string Command(V1.Task task) => task.Hidden ? Hidden : Words.CommandLine(task.Run);

    /// <summary>Its template's name and index where it has them, else what it runs.</summary>
    public static string Title(V1.Task task)
    {
        if (task.Name.Length == 0)
            return Command(task);

        return task.HasIndex ? FormattableString.Invariant($"{task.Name}[{task.Index}]") : task.Name;
    }

    public static Attempt? LastAttempt(V1.Task task) => task.Attempts.Count == 0 ? null : task.Attempts[^1];

    /// <summary>The node that worked on it last, else the one it is assigned to.</summary>
    public static string NodeOf(V1.Task task) => LastAttempt(task)?.Node is { Length: > 0 } node ? node : task.AssignedNode;
}
