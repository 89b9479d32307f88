using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Loop;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Changes the terms of jobs for those of their tasks that have not started. Safe from any thread.</summary>
internal sealed class Revisions(
    ClusterLoop loop, IClusterStore store, Submissions submissions, JobDocuments documents, TimeProvider time)
{
    /// <summary>Changes an unfinished job.</summary>
    /// <exception cref="Grpc.Core.RpcException">It has ended, or the changes are wrong or come too late.</exception>
    public async Task ReviseAsync(OwnJob job, V1.JobChanges changes, CancellationToken cancellation)
    {
        Check(changes);
        var elsewhere = new Dictionary<JobDependency, bool>();
        var readAt = new Dictionary<JobId, int>();
        while (true)
        {
            var before = await loop.AskAsync((state, _) => state.DocumentOf(job.Id), cancellation)
                ?? throw Refusals.NotNow(
                    $"job {job.Id} has ended: nothing of it is left to start ('artel retry' runs failed tasks again)");
            var revision = Make(before, changes);
            var (done, missing) = await loop.AskAsync<(bool Done, JobDependency[] Missing)>(
                (state, _) =>
                {
                    // Somebody else was faster: these changes are to be made to theirs.
                    if (state.DocumentOf(job.Id)?.Equals(before) != true)
                    {
                        return (false, []);
                    }

                    if (changes.After is not null)
                    {
                        var missing = Submissions.Missing(state, revision.Spec, elsewhere, readAt);
                        if (missing.Length > 0)
                        {
                            return (false, missing);
                        }
                    }

                    if (state.WhyNotRevise(job.Id, revision.Spec, elsewhere) is { } why)
                    {
                        throw Refusals.NotNow(why);
                    }

                    state.Revise(job.Id, revision.Spec, revision.Bytes, revision.Detail, elsewhere);
                    return (true, []);
                },
                cancellation);
            if (done)
            {
                return;
            }

            await submissions.FindElsewhereAsync(missing, elsewhere);
        }
    }

    /// <summary>What changes come to for a job whose tasks are about to run again.</summary>
    /// <exception cref="Grpc.Core.RpcException">The changes are wrong.</exception>
    public async Task<PreparedRevision?> PrepareRetryAsync(
        OwnJob job, V1.JobChanges? changes, CancellationToken cancellation)
    {
        if (JobRevision.IsEmpty(changes))
        {
            return null;
        }

        if (changes!.After is not null || changes.Name.Length > 0)
        {
            throw Refusals.Invalid("after and name are for SetJob: leave them out");
        }

        Check(changes);
        var before = await loop.AskAsync((state, _) => state.DocumentOf(job.Id), cancellation)
            ?? (await store.GetJobAsync(job.Id, cancellation) ?? throw Refusals.NoJob(job.Id)).Document;
        return new PreparedRevision(before, Make(before, changes));
    }

    private static void Check(V1.JobChanges changes)
    {
        if (JobRevision.IsEmpty(changes))
        {
            throw Refusals.Invalid("nothing is to be changed: set at least one field of changes");
        }

        if (changes.HasAtOnce && changes.AtOnce is < 0 or > JobLimits.MaxAtOnce)
        {
            throw Refusals.Invalid($"at_once is {changes.AtOnce}: a whole number from 0 to {JobLimits.MaxAtOnce}");
        }

        _ = Asked.Span("the timeout", changes.Timeout);
    }

    private JobRevision Make(ReadOnlyMemory<byte> before, V1.JobChanges changes)
    {
        var submission = JobDocument.Read(before).Submission;
        var templates = submission.Job.Sections.Sum(s => s.Tasks.Count) + submission.Job.Tasks.Count;
        if (changes.Script is { } script && (templates != 1 || script.Run.Count == 0))
        {
            throw Refusals.Invalid("another script is for a job of one script: this one was submitted as a map");
        }

        var revision = JobRevision.Of(submission, changes, time.GetUtcNow(), submissions.Check);
        documents.Know(revision.Bytes, revision.Document);
        return revision;
    }
}

/// <summary>Changes that were worked out before they are made.</summary>
/// <param name="Before">The document that they were made to.</param>
internal sealed record PreparedRevision(ReadOnlyMemory<byte> Before, JobRevision Revision)
{
    private static readonly Dictionary<JobDependency, bool> Nowhere = [];

    /// <summary>
    /// Makes them. For the loop, in the turn in which tasks were made to run again: what the job waits for is as it
    /// was, so nothing is refused.
    /// </summary>
    public void Apply(ClusterState state, JobId job)
    {
        if (state.DocumentOf(job) is not null)
        {
            state.Revise(job, Revision.Spec, Revision.Bytes, Revision.Detail, Nowhere);
        }
    }
}
