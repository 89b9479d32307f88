using Artel.Cli.Results;
using Artel.Protocol.V1;

namespace Artel.Cli.Json;

internal sealed record CountsJson(
    int Total, int Waiting, int Ready, int Leased, int Running, int Succeeded, int Failed, int Cancelled, int Skipped)
{
    public static CountsJson Of(TaskCounts? counts)
    {
        var c = counts ?? new TaskCounts();
        return new CountsJson(c.Total, c.Waiting, c.Ready, c.Leased, c.Running, c.Succeeded, c.Failed, c.Cancelled, c.Skipped);
    }
}

internal sealed record NodeProgressJson(string Node, int Assigned, int AssignedEnded, int Running, int Succeeded, int FailedAttempts)
{
    public static NodeProgressJson Of(NodeProgress p) =>
        new(p.Node, p.Assigned, p.AssignedEnded, p.Running, p.Succeeded, p.FailedAttempts);
}

/// <param name="Nodes">Null in lists of jobs.</param>
/// <param name="Attention">Null in lists of jobs.</param>
/// <param name="Changes">When its terms were changed and how, in order. Null in lists of jobs.</param>
/// <param name="Reason">
/// The reason that most of its waiting tasks have, in a word or two; empty if none waits. Null outside lists of jobs.
/// </param>
internal sealed record JobJson(
    long Id,
    string Name,
    string User,
    int Priority,
    string State,
    bool Held,
    DateTimeOffset? Submitted,
    DateTimeOffset? Started,
    DateTimeOffset? Ended,
    CountsJson Counts,
    IReadOnlyList<NodeProgressJson>? Nodes,
    IReadOnlyList<string>? Attention,
    IReadOnlyList<string> Tags,
    DateTimeOffset? StartAt,
    DateTimeOffset? Deadline,
    int? MaxFails,
    IReadOnlyList<string>? Changes,
    string? Reason)
{
    /// <param name="now">The time that <c>reason</c> counts from; null for jobs that do not wait.</param>
    public static JobJson Of(Job job, bool inList = false, DateTimeOffset? now = null) => new(
        job.Id,
        job.Name,
        job.User,
        job.Priority,
        StateWords.Of(job.State),
        job.Held,
        job.Submitted?.ToDateTimeOffset(),
        job.Started?.ToDateTimeOffset(),
        job.Ended?.ToDateTimeOffset(),
        CountsJson.Of(job.Counts),
        inList ? null : [.. job.Nodes.Select(NodeProgressJson.Of)],
        inList ? null : [.. job.Attention],
        [.. job.Tags],
        job.StartAt?.ToDateTimeOffset(),
        job.Deadline?.ToDateTimeOffset(),
        job.HasMaxFails ? job.MaxFails : null,
        inList ? null : [.. job.Changes],
        inList ? job.Reason is { } reason && now is { } time ? ReasonText.Brief(reason, time) : "" : null);
}

internal sealed record JobListJson(IReadOnlyList<JobJson> Jobs, bool More);

/// <param name="Tasks">A page of the job's tasks.</param>
/// <param name="More">Whether there are tasks after this page.</param>
internal sealed record JobDetailJson(JobJson Job, IReadOnlyList<TaskJson> Tasks, bool More);

internal sealed record SubmittedJson(long Job, int Tasks, IReadOnlyList<string> Warnings);

internal sealed record WaitedJson(IReadOnlyList<JobJson> Jobs);

/// <param name="Tasks">How many tasks the action changed.</param>
internal sealed record ActedJobJson(long Id, string State, bool Held, int Tasks);

internal sealed record ActedJson(IReadOnlyList<ActedJobJson> Jobs);

/// <param name="Unfinished">Tasks that have not ended: the sum over <paramref name="Counted"/>.</param>
/// <param name="Failures">Of a job: its failed tasks by how they failed.</param>
internal sealed record ExplanationJson(
    long Job,
    int? Task,
    IReadOnlyList<string> Reasons,
    int Unfinished,
    IReadOnlyList<ReasonJson> Counted,
    IReadOnlyList<FailureJson> Failures,
    bool Hidden)
{
    public static ExplanationJson Of(long job, int? task, Explanation said, IReadOnlyList<FailureJson> failures) => new(
        job,
        task,
        [.. said.Reasons],
        said.Unfinished,
        [.. said.Counted.Zip(said.Reasons, ReasonJson.Of)],
        failures,
        said.Hidden);
}

/// <param name="Count">Tasks that failed in this way.</param>
/// <param name="Tasks">The first few of them, by number.</param>
/// <param name="LastLines">Of the error stream of the example.</param>
internal sealed record FailureJson(int Count, string How, IReadOnlyList<int> Tasks, TaskJson Example, IReadOnlyList<string> LastLines)
{
    public static IReadOnlyList<FailureJson> Of(FailureReport report) =>
    [
        .. report.Groups.Groups.Select((g, i) => new FailureJson(
            g.Count,
            JobText.LastAttempt(g.Example) is { } attempt ? Outcomes.Explain(attempt, g.Example) : "",
            [.. g.Tasks],
            TaskJson.Of(g.Example),
            report.LinesOf(i))),
    ];
}

/// <param name="Tasks">Ended tasks whose output was written.</param>
/// <param name="Truncated">Outputs that were cut at the limit of their task, each stream counted by itself.</param>
internal sealed record FetchedJson(long Job, string Folder, long Tasks, long Truncated);

/// <summary>A piece of output: bytes, since output is never taken for text.</summary>
internal sealed record OutputJson(long Job, int Task, int Attempt, string Stream, byte[] Base64);
