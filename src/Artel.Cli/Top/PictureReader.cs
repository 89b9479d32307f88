using Artel.Cli.Access;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Top;

/// <summary>Asks for a picture of the cluster: few calls with bounded answers, however large it is.</summary>
internal sealed class PictureReader(ClusterSession session)
{
    private const int MostJobs = 100;
    private const int MostNodesAsked = 20;

    public async Task<ClusterPicture> ReadAsync(CancellationToken ct)
    {
        var status = session.Client.GetStatusAsync(new GetStatusRequest(), session.Question(ct)).ResponseAsync;
        var nodes = session.Client.ListNodesAsync(new ListNodesRequest(), session.Question(ct)).ResponseAsync;
        // Apart, so that a queue of thousands does not hide the few that run.
        var running = JobsAsync(JobState.Running, ct);
        var waiting = JobsAsync(JobState.Waiting, ct);
        await Task.WhenAll(status, nodes, running, waiting);
        var busy = (await nodes).Nodes.Where(n => n.Running > 0).OrderByDescending(n => n.Running).Take(MostNodesAsked);
        var tasks = await Task.WhenAll(busy.Select(n => TasksOfAsync(n.Id, ct)));
        return new ClusterPicture(
            await status, (await nodes).Nodes, [.. (await running).Jobs, .. (await waiting).Jobs], (await running).More || (await waiting).More, [.. tasks.SelectMany(t => t)]);
    }

    private async Task<ListJobsReply> JobsAsync(JobState state, CancellationToken ct) =>
        await session.Client.ListJobsAsync(new ListJobsRequest { States = { state }, Limit = MostJobs }, session.Question(ct));

    private async Task<IEnumerable<RunningTask>> TasksOfAsync(string id, CancellationToken ct)
    {
        try
        {
            var node = await session.Client.GetNodeAsync(new GetNodeRequest { Id = id }, session.Question(ct));
            return node.AttemptTasks.Zip(node.Attempts)
                .Where(a => a.Second.Started is not null)
                .Select(a => new RunningTask(a.First.Job, a.First.Task, a.Second.Number, id, a.Second.Started?.ToDateTimeOffset()));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            // Forgotten since it was listed.
            return [];
        }
    }
}
