using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Wire;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Jobs as callers see them: unfinished ones from the state, ended ones from the store.</summary>
internal sealed class JobReader(ClusterLoop loop, IClusterStore store, JobDocuments documents)
{
    /// <summary>Rows that are read together where most may not be what is looked for.</summary>
    private const int LookAtOnce = 1000;

    /// <exception cref="Grpc.Core.RpcException">There is no such job.</exception>
    public async Task<V1.Job> GetAsync(JobId id, CancellationToken cancellation)
    {
        // A job that has left the state is in the store by the time this question is answered.
        var (view, attention) = await loop.AskAsync(
            (state, now) => (state.View(id), AttentionText.Of(state, id, now)), cancellation);
        if (view is not null)
        {
            var job = Write(view);
            job.Nodes.AddRange(view.Nodes.Select(Write));
            job.Attention.AddRange(attention);
            job.Changes.AddRange(documents.Find(id)?.Submission.Changes ?? []);
            return job;
        }

        var stored = await store.GetJobAsync(id, cancellation) ?? throw Refusals.NoJob(id);
        var document = JobDocument.Read(stored.Document);
        var ended = Write(stored);
        (ended.StartAt, ended.Deadline) = (document.Submission.Job.StartAt, document.Submission.Job.Deadline);
        if (document.Submission.Job.HasMaxFails)
        {
            ended.MaxFails = document.Submission.Job.MaxFails;
        }

        ended.Changes.AddRange(document.Submission.Changes);
        ended.Nodes.AddRange(SharesOf(document, await store.TallyNodesAsync(id, cancellation)));
        return ended;
    }

    /// <summary>What the query asks for, in its order, with whether there are more.</summary>
    public async Task<(IReadOnlyList<V1.Job> Jobs, bool More)> ListAsync(JobQuery query, CancellationToken cancellation)
    {
        // The store does not tell Waiting from Running, so a question for either asks it for both.
        var isSifted = query.States.Intersect([JobState.Waiting, JobState.Running]).Count() == 1;
        var page = query with { Limit = Math.Max(query.Limit + 1, isSifted ? LookAtOnce : 0), States = [.. query.States.Select(s => s == JobState.Waiting ? JobState.Running : s).Distinct()] };
        var jobs = new List<V1.Job>();
        while (true)
        {
            var found = await store.ListJobsAsync(page, cancellation);
            var unfinished = found.Where(j => !j.State.HasEnded()).Select(j => j.Job).ToArray();
            var views = unfinished.Length == 0
                ? (Dictionary<JobId, (JobView View, CountedReason? Reason)>)[]
                : await loop.AskAsync((state, now) => Look(state, unfinished, now), cancellation);
            foreach (var stored in found)
            {
                var job = views.TryGetValue(stored.Job, out var view) ? Write(view.View) : Write(stored);
                job.Reason = view.Reason is { } reason ? ReasonWriter.Write(reason, stored.Job) : null;
                if (query.States.Count > 0 && !query.States.Contains((JobState)job.State))
                {
                    continue;
                }

                if (jobs.Count == query.Limit)
                {
                    return (jobs, true);
                }

                jobs.Add(job);
            }

            if (found.Count < page.Limit)
            {
                return (jobs, false);
            }

            page = page with { Before = found[^1].Job };
        }
    }

    /// <summary>Unfinished jobs, each with what holds up most of its tasks that wait.</summary>
    private static Dictionary<JobId, (JobView View, CountedReason? Reason)> Look(
        ClusterState state, JobId[] jobs, DateTimeOffset now)
    {
        var budget = ExplainBudget.ForLists();
        var views = new Dictionary<JobId, (JobView View, CountedReason? Reason)>();
        foreach (var job in jobs)
        {
            if (state.View(job) is { } view)
            {
                views[job] = (view, state.Explain(job, now, budget)?.Reasons.FirstOrDefault(r => !r.Why.IsInFlight));
            }
        }

        return views;
    }

    /// <summary>The document of any job, with what one who asks sees of it.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is no such job.</exception>
    public async Task<SeenJob> LookAsync(JobId id, Viewpoint view, CancellationToken cancellation)
    {
        var document = documents.Find(id) ?? JobDocument.Read((await store.GetJobAsync(id, cancellation) ?? throw Refusals.NoJob(id)).Document);
        return new SeenJob(id, document, view.Of(document.Submission.User, document.Submission.FromEnd));
    }

    private static V1.Job Write(JobView view)
    {
        var job = new V1.Job
        {
            Id = view.Job.Value,
            Name = view.Spec.Name,
            User = view.Spec.User,
            Priority = view.Priority,
            State = WireWriter.Write(view.State),
            Held = view.Held,
            Submitted = view.Submitted.ToTimestamp(),
            Started = WireWriter.Write(view.Started),
            Counts = WireWriter.Write(view.Counts),
            StartAt = WireWriter.Write(view.Spec.StartAt),
            Deadline = WireWriter.Write(view.Spec.Deadline),
        };
        job.Tags.AddRange(view.Spec.Tags);
        if (view.Spec.MaxFails is { } most)
        {
            job.MaxFails = most;
        }

        return job;
    }

    private static V1.Job Write(StoredJob stored) => new()
    {
        Id = stored.Job.Value,
        Name = stored.Name,
        User = stored.User,
        Priority = stored.Priority,
        State = WireWriter.Write(stored.State),
        Held = stored.Held,
        Submitted = stored.Submitted.ToTimestamp(),
        Started = WireWriter.Write(stored.Started),
        Ended = WireWriter.Write(stored.Ended),
        Counts = WireWriter.Write(stored.Counts),
        Tags = { stored.Tags },
    };

    private static V1.NodeProgress Write(NodeShareView share) => new()
    {
        Node = share.Node.Value,
        Assigned = share.Assigned,
        AssignedEnded = share.AssignedEnded,
        Running = share.Running,
        Succeeded = share.Succeeded,
        FailedAttempts = share.FailedAttempts,
    };

    /// <summary>Of an ended job: all that was assigned has ended.</summary>
    private static IEnumerable<V1.NodeProgress> SharesOf(JobDocument document, IReadOnlyList<NodeTally> tallies)
    {
        var shares = new SortedDictionary<string, V1.NodeProgress>(StringComparer.Ordinal);
        foreach (var tally in tallies)
        {
            shares[tally.Node.Value] = new V1.NodeProgress
            {
                Node = tally.Node.Value,
                Succeeded = tally.Succeeded,
                FailedAttempts = tally.FailedAttempts,
            };
        }

        foreach (var place in document.Layout.Templates)
        {
            if (place.Node is { } node)
            {
                var share = shares.TryGetValue(node, out var known) ? known : shares[node] = new V1.NodeProgress { Node = node };
                share.Assigned += place.Count;
                share.AssignedEnded += place.Count;
            }
        }

        return shares.Values;
    }
}
