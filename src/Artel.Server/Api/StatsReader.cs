using Artel.Core;
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

    public async Task<V1.FailureGroups> GroupFailuresAsync(V1.GroupFailuresRequest request, CancellationToken cancellation)
    {
        var job = new JobId(request.Job);
        var document = await jobs.GetDocumentAsync(job, cancellation);
        var limit = request.Limit <= 0 ? DefaultGroups : Math.Min(request.Limit, MaxGroups);
        var list = await store.GroupFailuresAsync(job, limit, cancellation);
        var reply = new V1.FailureGroups { GroupCount = list.GroupCount, TaskCount = list.TaskCount };
        foreach (var group in list.Groups)
        {
            var example = TaskReader.DescribeWithLimits(group.First.Task, document);
            example.State = WireWriter.Write(group.First.Next);
            example.Reason = group.First.Reason;
            example.AttemptCount = group.First.Attempt;
            example.Attempts.Add(WireWriter.Write(group.First));
            reply.Groups.Add(new V1.FailureGroup { Count = group.Count, Example = example, Tasks = { group.Tasks } });
        }

        return reply;
    }

    public async Task<V1.JobStats> MeasureAsync(JobId id, CancellationToken cancellation)
    {
        var job = await jobs.GetAsync(id, cancellation);
        var document = await jobs.GetDocumentAsync(id, cancellation);
        var stats = await _figures.ReadAsync(id, () => new JobFigures(job.Submitted.ToDateTimeOffset(), document.Layout), f => f.Write(), cancellation);
        job.Nodes.Clear();
        job.Attention.Clear();
        stats.Job = job;
        return stats;
    }
}
