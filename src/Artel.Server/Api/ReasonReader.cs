using Artel.Core;
using Artel.Protocol.Text;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>
/// Explains why jobs and tasks are as they are: unfinished ones from the state, ended ones from the store.
/// </summary>
internal sealed class ReasonReader(
    ClusterLoop loop, IClusterStore store, JobReader jobs, TaskReader tasks, NodeSessions sessions, DiskRoom room)
{
    private const int NamedFailures = 5;
    private const int EndReasons = 10;

    /// <summary>Adds the reasons of a job, at least one unless only waits were asked for.</summary>
    /// <param name="waitsOnly">Sentences only about what waits.</param>
    public async Task ExplainAsync(SeenJob seen, bool waitsOnly, V1.Explanation to, CancellationToken cancellation)
    {
        var id = seen.Id;

        // Asked first: what ends between the two questions is reported twice rather than left out.
        var unfinished = await loop.AskAsync((state, now) => state.Explain(id, now), cancellation);
        Add(to, unfinished, id, ReasonText.OfTasks, waitsOnly);
        if (room is { IsVeryLow: true, Problem: { } problem } && unfinished is { Unfinished: > 0 })
        {
            to.Reasons.Add(problem);
        }

        if (waitsOnly)
        {
            return;
        }

        var job = await jobs.GetAsync(id, cancellation);
        if (job.Counts.Failed > 0)
        {
            var failed = await store.ListEndedAsync(id, 0, NamedFailures, TaskState.Failed, cancellation);
            to.Reasons.AddRange(failed.Select(a => $"task {a.Task} failed: {AttemptText.Reason(a, seen.Sight)}"));
            if (job.Counts.Failed > failed.Count)
            {
                to.Reasons.Add($"and {job.Counts.Failed - failed.Count} more: 'artel show {id}' lists them");
            }
        }

        if (job.Counts.Cancelled + job.Counts.Skipped > 0)
        {
            var ends = await store.ListEndReasonsAsync(id, EndReasons, cancellation);
            to.Ended.AddRange(ends.Select(e => ReasonText.OfEnd(WireWriter.Write(e.State), e.Reason, e.Tasks)));
            to.Reasons.AddRange(to.Ended);
        }

        if (to.Reasons.Count == 0)
        {
            to.Reasons.Add(JobText.Counts(job.Counts));
        }
    }

    /// <summary>Adds the reasons of a task, at least one.</summary>
    public async Task ExplainAsync(TaskId id, Viewpoint view, V1.Explanation to, CancellationToken cancellation)
    {
        var task = await tasks.GetAsync(id, view, cancellation);
        Add(to, await loop.AskAsync((state, now) => state.Explain(id, now), cancellation), id.Job, ReasonText.OfTask);
        to.Reasons.AddRange(OfOutput(task));
        if (task.Reason.Length > 0)
        {
            to.Reasons.Add(task.Reason);
        }

        to.Reasons.AddRange(task.Attempts
            .Where(a => a.Outcome is not (V1.AttemptOutcome.Unspecified or V1.AttemptOutcome.Succeeded))
            .Select(AttemptText.Describe));
        if (to.Reasons.Count == 0)
        {
            to.Reasons.Add(JobText.LastAttempt(task) is { Outcome: V1.AttemptOutcome.Succeeded } last
                ? $"succeeded on node {last.Node}"
                : StateWords.Of(task.State));
        }
    }

    /// <summary>
    /// Explains why a task does not end although its process has: its output waits for room on the disk of the server.
    /// </summary>
    public IEnumerable<string> OfOutput(V1.Task task)
    {
        if (task.State is V1.TaskState.Ready && room.IsVeryLow)
        {
            return room.Problem is { } problem ? [problem] : [];
        }

        if (task.State != V1.TaskState.Running || task.Attempts.LastOrDefault() is not { Lease: { } lease } attempt
            || !sessions.TryFind(new NodeId(attempt.Node), out var session)
            || !session.Announced.TryGetValue(new Lease(lease.Epoch, lease.Sequence), out var result)
            || room.Free - room.Reserve > result.Stdout.Length + result.Stderr.Length)
        {
            return [];
        }

        var refusal = room.Refusal(result.Stdout.Length + result.Stderr.Length);
        return [$"has ended on node {attempt.Node}, which keeps its output: {refusal.Message}"];
    }

    private static void Add(
        V1.Explanation to,
        Explanation? explanation,
        JobId job,
        Func<V1.Reason, Func<DateTimeOffset, string>, string> text,
        bool waitsOnly = false)
    {
        to.Unfinished = explanation?.Unfinished ?? 0;
        foreach (var reason in explanation?.Reasons ?? [])
        {
            var written = ReasonWriter.Write(reason, job);
            to.Counted.Add(written);
            if (!waitsOnly || !reason.Why.IsInFlight)
            {
                to.Reasons.Add(text(written, AttentionText.Moment));
            }
        }
    }
}
