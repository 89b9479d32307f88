using Artel.Core;
using Artel.Server.People;
using Artel.Server.Storage;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Failures and figures of a job, over its ended attempts.</summary>
internal sealed class StatsReader(IClusterStore store, JobReader jobs)
{
    private const int DefaultGroups = 10;
    private const int MaxGroups = 100;

    private readonly FiguresKept _figures = new(store);

    public async Task<V1.FailureGroups> GroupFailuresAsync(V1.GroupFailuresRequest request, Viewpoint view, CancellationToken cancellation)
    {
        var job = new JobId(request.Job);
        var seen = await jobs.LookAsync(job, view, cancellation);
        var limit = request.Limit <= 0 ? DefaultGroups : Math.Min(request.Limit, MaxGroups);
        var list = await store.GroupFailuresAsync(job, limit, cancellation);
        var reply = new V1.FailureGroups { GroupCount = list.GroupCount, TaskCount = list.TaskCount };
        foreach (var group in list.Groups)
        {
            var example = TaskReader.DescribeWithLimits(group.First.Task, seen);
            example.State = WireWriter.Write(group.First.Next);
            example.Reason = AttemptText.Reason(group.First, seen.Sight);
            example.AttemptCount = group.First.Attempt;
            example.Attempts.Add(WireWriter.Write(group.First, seen.Sight));
            reply.Groups.Add(new V1.FailureGroup { Count = group.Count, Example = example, Tasks = { group.Tasks } });
        }

        return reply;
    }

    public async Task<V1.JobStats> MeasureAsync(JobId id, Viewpoint view, CancellationToken cancellation)
    {
        var job = await jobs.GetAsync(id, cancellation);
        var seen = await jobs.LookAsync(id, view, cancellation);
        var stats = await _figures.ReadAsync(id, () => new JobFigures(job.Submitted.ToDateTimeOffset(), seen.Document.Layout), f => f.Write(), cancellation);
        job.Nodes.Clear();
        job.Attention.Clear();
        stats.Job = job;
        return stats;
    }
}
