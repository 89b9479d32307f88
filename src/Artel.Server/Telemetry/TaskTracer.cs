using System.Collections.Concurrent;
using System.Diagnostics;
using Artel.Core;
using Artel.Protocol.Tracing;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Telemetry;

/// <summary>
/// The spans of docs/tracing.md: made of what was committed, after it was. Only where traces are exported; by the reader of <see cref="TelemetryFeed"/> only. Where a trace
/// is not recorded, it costs the hash that says so.
/// </summary>
internal sealed class TaskTracer(JobTraces traces, JobDocuments documents) : IDisposable
{
    private readonly Spans _spans = new();
    private readonly Dictionary<JobId, Followed> _jobs = [];

    /// <summary>Of jobs that have ended, and of whose changes some have not come here yet.</summary>
    private readonly ConcurrentDictionary<JobId, JobDocument> _leaving = [];

    public void Dispose() => _spans.Dispose();

    /// <summary>By the committer: the document of a job that ends is needed until its end has come here.</summary>
    public void Keep(JobId job, JobDocument document) => _leaving[job] = document;

    /// <param name="now">When it was on disk.</param>
    public void Tell(IReadOnlyList<Change> changes, DateTimeOffset now)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case JobSubmitted submitted when Find(submitted.Job) is { } job:
                    job.Due = submitted.At;
                    Submit(job, submitted, now);
                    break;
                case LeasesGranted granted when Find(granted.Job) is { IsSilent: false } job:
                    job.Due ??= granted.Due;
                    for (var i = 0; granted.Attempt == 1 && i < granted.Leases.Count; i++)
                    {
                        Wait(job, granted, granted.FirstTask + i);
                    }

                    break;
                case AttemptEnded ended when Find(ended.Task.Job) is { IsSilent: false } job:
                    End(job, ended, now);
                    break;
                case JobEnded ended:
                    _jobs.Remove(ended.Job);
                    _leaving.TryRemove(ended.Job, out _);
                    break;
                default:
                    break;
            }
        }
    }

    private Followed? Find(JobId job)
    {
        if (!_jobs.TryGetValue(job, out var followed) && (documents.Find(job) ?? _leaving.GetValueOrDefault(job)) is { } document)
        {
            _jobs[job] = followed = new Followed(traces.TermsOf(job.Value, document.Submission), TraceParent.Parse(document.Submission.TraceParent));
        }

        return followed;
    }

    private void Submit(Followed job, JobSubmitted submitted, DateTimeOffset now)
    {
        if (!job.IsRecorded(0, out var trace))
        {
            return;
        }

        var above = job.Parent is { } parent ? Context(trace, parent.SpanId.ToArray()) : Context(trace, default);
        using var span = _spans.Begin("submit", ActivityKind.Server, above, job.SpanOf(0, 0), submitted.At, now);
        span?.SetTag("artel.job.id", submitted.Job.Value).SetTag("artel.job.name", submitted.Spec.Name).SetTag("artel.job.tasks", submitted.Spec.TaskCount);
    }

    private void Wait(Followed job, LeasesGranted granted, int task)
    {
        if (job.IsRecorded(task, out var trace))
        {
            using var span = _spans.Begin("queue", ActivityKind.Internal, new ActivityContext(trace, job.SpanOf(task, 0), ActivityTraceFlags.Recorded), null, granted.Due, granted.At);
            span?.SetTag("artel.job.id", granted.Job.Value).SetTag("artel.task.number", task).SetTag("artel.node.id", granted.Node.Value);
        }
    }

    private void End(Followed job, AttemptEnded ended, DateTimeOffset now)
    {
        var number = ended.Task.Number;
        if (!job.IsRecorded(number, out var trace))
        {
            return;
        }

        var result = ended.Result;
        var start = result.Started ?? ended.At;
        var end = start + result.Usage.Wall;
        var attempt = job.SpanOf(number, ended.Attempt);
        using (var span = _spans.Begin("attempt", ActivityKind.Consumer, new ActivityContext(trace, job.SpanOf(number, 0), ActivityTraceFlags.Recorded), attempt, start, end))
        {
            span?.SetTag("artel.job.id", ended.Task.Job.Value).SetTag("artel.task.number", number).SetTag("artel.attempt.number", ended.Attempt)
                .SetTag("artel.node.id", ended.Node.Value).SetTag("artel.attempt.outcome", Words.Of(result.Outcome));
            if (result.Outcome is AttemptOutcome.Succeeded or AttemptOutcome.Failed && result.ExitStatus != AttemptResult.UnknownExitStatus)
            {
                span?.SetTag("process.exit.code", result.ExitStatus);
            }

            if (result.Outcome != AttemptOutcome.Succeeded)
            {
                span?.SetTag("error.type", Words.Of(result.Outcome)).SetStatus(ActivityStatusCode.Error, result.Describe());
            }
        }

        // The two clocks may differ: a result is not stored before it was there.
        using (_spans.Begin("store", ActivityKind.Internal, new ActivityContext(trace, attempt, ActivityTraceFlags.Recorded), null, end < now ? end : ended.At, now))
        {
        }

        if (ended.Next.HasEnded())
        {
            EndTask(job, trace, ended, start, now);
        }
    }

    private void EndTask(Followed job, ActivityTraceId trace, AttemptEnded ended, DateTimeOffset start, DateTimeOffset now)
    {
        // With a submitter's trace the job's tasks hang on its submit; without, each is the first of a trace of its own, with a link to it.
        var submit = job.SpanOf(0, 0);
        var above = job.Parent is null ? Context(trace, default) : new ActivityContext(trace, submit, ActivityTraceFlags.Recorded);
        ActivityLink[]? links = job.Parent is null ? [new ActivityLink(new ActivityContext(job.TraceOf(0), submit, ActivityTraceFlags.None))] : null;
        using var span = _spans.Begin("task", ActivityKind.Internal, above, job.SpanOf(ended.Task.Number, 0), job.Due ?? start, now, links);
        span?.SetTag("artel.job.id", ended.Task.Job.Value).SetTag("artel.task.number", ended.Task.Number).SetTag("artel.task.state", Words.Of(ended.Next));
        if (ended.Next != TaskState.Succeeded)
        {
            span?.SetStatus(ActivityStatusCode.Error, ended.Reason);
        }
    }

    private static ActivityContext Context(ActivityTraceId trace, ReadOnlySpan<byte> span) =>
        new(trace, span.IsEmpty ? default : ActivitySpanId.CreateFromBytes(span), ActivityTraceFlags.Recorded);

    /// <summary>A job whose tasks are followed.</summary>
    private sealed class Followed(V1.TraceTerms terms, TraceParent? parent)
    {
        public TraceParent? Parent { get; } = parent;

        /// <summary>When its tasks could start. Null: the server was started anew since, and has granted none yet.</summary>
        public DateTimeOffset? Due { get; set; }

        /// <summary>Nothing of it is recorded, whichever task.</summary>
        public bool IsSilent => terms.RecordedBelow == 0;

        public bool IsRecorded(int task, out ActivityTraceId trace)
        {
            var id = TaskTraces.TraceOf(terms, task);
            trace = ActivityTraceId.CreateFromBytes(id);
            return TaskTraces.IsRecorded(terms, id);
        }

        public ActivityTraceId TraceOf(int task) => ActivityTraceId.CreateFromBytes(TaskTraces.TraceOf(terms, task));

        public ActivitySpanId SpanOf(int task, int attempt) => ActivitySpanId.CreateFromBytes(TaskTraces.SpanOf(terms, task, attempt));
    }
}
