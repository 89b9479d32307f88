using Artel.Cli.Access;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Submitting;

/// <summary>
/// Warns about nodes on which tasks of a job cannot start, because their working directory or their program is not
/// there. It takes a second at most, never fails, and returns nothing if no node lacks anything.
/// </summary>
internal static class PlaceWarnings
{
    private const int MostNodes = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <param name="session">The cluster that is to run the job.</param>
    /// <param name="layout">Of the job.</param>
    /// <param name="isMap">True if it comes from a map: the remedy is then a key of the map, not an option.</param>
    /// <param name="clock">Limits the wait for the answer.</param>
    public static async Task<IReadOnlyList<string>> AskAsync(
        ClusterSession session, JobLayout layout, bool isMap, TimeProvider clock, CancellationToken ct)
    {
        var questions = PlaceQuestions.Of(layout);
        if (questions.Count == 0)
            return [];

        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
        try
        {
            var request = new CheckPlacesRequest { Places = { questions } };
            var reply = await session.Client.CheckPlacesAsync(request, session.Question(either.Token));
            return [.. Describe(questions, reply, isMap)];
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            // The server is older than this call, or does not answer. The job does not depend on it.
            return [];
        }
    }

    internal static IEnumerable<string> Describe(
        IReadOnlyList<PlaceQuestion> questions, CheckPlacesReply reply, bool isMap)
    {
        var places = reply.Lacks.Where(l => l.Place >= 0 && l.Place < questions.Count)
            .GroupBy(l => (What: Missing(questions[l.Place].Place, l.Lack), l.Lack))
            .ToList();
        foreach (var place in places)
        {
            var nodes = Nodes([.. place.Select(l => l.Node).Distinct()]);
            yield return $"{place.Key.What} on {nodes}, so tasks cannot start there: {WayOut(place.Key.Lack, isMap)}";
        }

        if (places.Count == 0)
            yield break;

        if (reply.Unanswered.Count > 0)
            yield return $"not asked whether it is there: {Nodes(reply.Unanswered)}, which did not answer in time";

        if (reply.Accounts.Count > 0)
            yield return $"not asked whether it is there: {Nodes(reply.Accounts)}, where tasks run as other accounts";

        if (reply.Beyond > 0)
            yield return $"not asked whether it is there: {Words.Count(reply.Beyond, "more node", "more nodes")}";
    }

    private static string Missing(Place place, Lack lack) => lack switch
    {
        Lack.Folder => $"working directory {Words.CommandLine([place.Cwd])} does not exist",
        Lack.Entry => $"working directory {Words.CommandLine([place.Cwd])} may not be entered",
        _ when place.Program.StartsWith('.') =>
            $"program {Words.CommandLine([place.Program])} was not found in {Words.CommandLine([place.Cwd])}",
        _ => $"program {Words.CommandLine([place.Program])} was not found",
    };

    private static string WayOut(Lack lack, bool isMap) => (lack, isMap) switch
    {
        (Lack.Program, true) => "install it there, or name nodes that have it ('nodes:', 'labels:')",
        (Lack.Program, false) => "install it there, or choose nodes that have it with --node ID or --label KEY=VALUE",
        (_, true) =>
            "write 'cwd: scratch' or a folder that exists there, or name nodes that have it ('nodes:', 'labels:')",
        (_, false) =>
            "give --cwd scratch or a folder that exists there, or choose nodes that have it with --node ID or "
            + "--label KEY=VALUE",
    };

    private static string Nodes(IReadOnlyCollection<string> nodes) =>
        (nodes.Count == 1 ? "node " : "nodes ") + string.Join(", ", nodes.Take(MostNodes))
        + (nodes.Count > MostNodes ? $" and {Words.Count(nodes.Count - MostNodes)} more" : "");
}
