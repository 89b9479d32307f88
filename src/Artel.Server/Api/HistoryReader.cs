using Artel.Core;
using Artel.Server.History;
using Artel.Server.Loop;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>What was in use over time.</summary>
internal sealed class HistoryReader(ClusterLoop loop, ClusterHistory cluster, NodeHistories nodes)
{
    private const int MostPoints = 720;

    public async Task<V1.GetHistoryReply> ReadAsync(V1.GetHistoryRequest request, CancellationToken cancellation)
    {
        var points = Asked.Number("points", request.Points, MostPoints, MostPoints);
        var since = Asked.Time("since", request.Since) ?? DateTimeOffset.MinValue;
        var isOfNode = request.Node.Length > 0;
        if (isOfNode && await loop.AskAsync((state, _) => state.View(new NodeId(request.Node)), cancellation) is null)
        {
            throw Refusals.NoNode(request.Node);
        }

        var samples = LoadSample.Thin(isOfNode ? nodes.Read(new NodeId(request.Node), since) : cluster.Read(since), points);
        return new V1.GetHistoryReply { Samples = { samples.Select(Write) } };
    }

    private static V1.HistorySample Write(LoadSample sample) => new()
    {
        At = sample.At.ToTimestamp(),
        Span = sample.Span.ToDuration(),
        MilliCpus = sample.Used.MilliCpus,
        MemoryBytes = sample.Used.MemoryBytes,
        MilliGpus = sample.Used.MilliGpus,
        MilliCpusTotal = sample.Total.MilliCpus,
        MemoryBytesTotal = sample.Total.MemoryBytes,
        MilliGpusTotal = sample.Total.MilliGpus,
        Running = sample.Running,
        Ready = sample.Ready,
        Succeeded = (int)Math.Min(int.MaxValue, sample.Succeeded),
        Failed = (int)Math.Min(int.MaxValue, sample.Failed),
        NodesConnected = sample.Nodes,
    };
}
