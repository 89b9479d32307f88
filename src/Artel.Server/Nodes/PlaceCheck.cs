using Artel.Core;
using Artel.Server.Api;
using Artel.Server.Loop;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>
/// Asks nodes over their links what tasks of a job would lack there. Takes a bounded time and keeps nothing: whoever
/// has just submitted a job waits for the answer. Safe from any thread.
/// </summary>
internal sealed class PlaceCheck(ClusterLoop loop, NodeSessions sessions, TimeProvider time)
{
    public const int MostPlaces = 32;

    private const int MostNodes = 200;
    private const int MostNamed = 100;
    private const int MostText = 4096;
    private const int MostAtOnce = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private long _last;
    private int _underWay;

    /// <exception cref="Grpc.Core.RpcException">The request is wrong.</exception>
    public async Task<V1.CheckPlacesReply> AskAsync(V1.CheckPlacesRequest request, CancellationToken cancellation)
    {
        Check(request);
        try
        {
            // If many ask at once, some get an empty answer rather than wait.
            return Interlocked.Increment(ref _underWay) > MostAtOnce
                ? new V1.CheckPlacesReply()
                : await AskNodesAsync(request, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private static void Check(V1.CheckPlacesRequest request)
    {
        if (request.Places.Count > MostPlaces)
        {
            throw Refusals.Invalid($"there are {request.Places.Count} places: at most {MostPlaces}");
        }

        foreach (var place in request.Places.Select(
            q => q.Place ?? throw Refusals.Invalid("a question has no place: set it")))
        {
            if (place.Cwd.Length > MostText || place.Program.Length > MostText || place.Path.Length > MostText)
            {
                throw Refusals.Invalid($"cwd, program and path of a place have at most {MostText} characters each");
            }
        }
    }

    private async Task<V1.CheckPlacesReply> AskNodesAsync(V1.CheckPlacesRequest request, CancellationToken cancellation)
    {
        // Read before the loop is asked: that only looks at its nodes.
        var asked = request.Places.Select(q => (
            Node: q.Node.Length > 0 ? new NodeId(q.Node) : (NodeId?)null,
            Labels: SpecReader.Labels(q.Labels),
            Needs: SpecReader.NeedsOf(q.Needs))).ToArray();
        var fitting = await loop.AskAsync(
            (state, _) => asked.Select(q => state.NodesFor(q.Node, q.Labels, q.Needs)).ToArray(), cancellation);
        var nodesOf = fitting.Select(f => f.Select(n => n.Node).ToHashSet()).ToArray();
        var reply = new V1.CheckPlacesReply();
        var nodes = fitting.SelectMany(f => f).DistinctBy(n => n.Node).OrderBy(n => n.Node).ToArray();
        reply.Accounts.AddRange(nodes.Where(n => n.HasAccounts).Take(MostNamed).Select(n => n.Node.Value));
        NodeId[] own = [.. nodes.Where(n => !n.HasAccounts).Select(n => n.Node)];
        reply.Beyond = Math.Max(0, own.Length - MostNodes);

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        var answers = await Task.WhenAll(own.Take(MostNodes).Select(async node =>
        {
            int[] places = [.. Enumerable.Range(0, nodesOf.Length).Where(i => nodesOf[i].Contains(node))];
            var lacks = await AskNodeAsync(node, places.Select(i => request.Places[i].Place), either.Token);
            return (Node: node, Places: places, Lacks: lacks);
        }));

        // A node that answers fewer questions than it was asked counts as one that has not answered.
        reply.Unanswered.AddRange(
            answers.Where(a => a.Lacks?.Count != a.Places.Length).Take(MostNamed).Select(a => a.Node.Value));
        reply.Lacks.AddRange(answers.Where(a => a.Lacks?.Count == a.Places.Length)
            .SelectMany(a => a.Places.Zip(a.Lacks!, (place, lack) => (place, a.Node, lack)))
            .Where(l => l.lack != V1.Lack.Unspecified)
            .OrderBy(l => l.place)
            .Select(l => new V1.PlaceLack { Place = l.place, Node = l.Node.Value, Lack = l.lack }));
        return reply;
    }

    /// <summary>Returns null if the node has not answered in time.</summary>
    private async Task<IReadOnlyList<V1.Lack>?> AskNodeAsync(
        NodeId node, IEnumerable<V1.Place> places, CancellationToken until)
    {
        if (!sessions.TryFind(node, out var session))
        {
            return null;
        }

        var inspection = (ulong)Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<IReadOnlyList<V1.Lack>>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        session.Inspections[inspection] = answer;
        try
        {
            var inspect = new V1.Inspect { Inspection = inspection, Places = { places } };
            session.Send(new V1.ServerMessage { Inspect = inspect });
            return await answer.Task.WaitAsync(until);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            session.Inspections.TryRemove(inspection, out _);
        }
    }
}
