using Artel.Chaos.History;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Chaos.Workload;

/// <summary>Reads results while faults are made: what the server has told once must stay so.</summary>
internal sealed class Watcher(IReadOnlyList<Submitter> submitters, ClusterClient client)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly HashSet<Glimpse> _glimpses = [];

    /// <summary>Look at it when <see cref="RunAsync"/> has ended.</summary>
    public IReadOnlyList<Glimpse> Glimpses => [.. _glimpses];

    public async Task RunAsync(CancellationToken stop)
    {
        for (var turn = 0; !stop.IsCancellationRequested; turn++)
        {
            if (submitters[turn % submitters.Count].LastJob is > 0 and var job)
                await LookAsync(job);

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task LookAsync(long job)
    {
        try
        {
            using var call = client.Service.FetchResults(new V1.FetchResultsRequest { Job = job, WithoutOutput = true }, deadline: ClusterClient.Deadline);
            await foreach (var chunk in call.ResponseStream.ReadAllAsync())
            {
                if (chunk.Ended is { } task)
                    _glimpses.UnionWith(task.Attempts.Select(a => new Glimpse(new TaskKey(job, task.Number), a.Number, Witness.OutcomeOf(a))));
            }
        }
        catch (RpcException e) when (ClusterClient.IsNoAnswer(e))
        {
            // What had come until then was told.
        }
    }
}
