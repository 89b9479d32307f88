using Artel.Cli.Access;
using Artel.Cli.Output;
using Artel.Node;
using Artel.Protocol.V1;

namespace Artel.Cli.Nodes;

/// <summary>A node's credential: the one it keeps, or a new one for a join ticket.</summary>
internal static class NodeCredentials
{
    /// <summary>
    /// Without a ticket, the kept credential. With one, the node joins: under the same id in the same cluster it keeps its credential as long as that is good,
    /// so that a service can be started with the same command line each time; otherwise the new credential replaces the kept one.
    /// </summary>
    /// <param name="id">Null: the kept credential's.</param>
    /// <param name="folder">The node's folder, held by this process.</param>
    /// <param name="ticket">Null if none was given.</param>
    /// <param name="server">The one address to use. Null: those of the ticket.</param>
    public static async Task<NodeCredential> ObtainAsync(
        string? id, DataFolder folder, Ticket? ticket, string? server, Terminal terminal, CancellationToken ct)
    {
        SystemAuthorities.Ignore();
        var kept = NodeCredential.Load(folder.Path, out var error);
        if (error.Length > 0 && ticket is null)
            throw CommandFailure.WrongUsage(error);

        if (ticket is null)
            return Kept(kept, id, folder.Path);

        if (server is not null)
        {
            ticket.Addresses.Clear();
            ticket.Addresses.Add(server);
        }

        id ??= kept?.Id ?? throw CommandFailure.WrongUsage("a new node needs a name: artel node start --id NAME --join TOKEN");
        var isSame = kept is not null && kept.IsOf(ticket, id);
        var join = await NodeCredential.JoinAsync(ticket, id, kept, ct);
        if (join.Credential is { } credential)
        {
            credential.Save(folder.Path);
            if (kept is not null && kept.Cluster != credential.Cluster)
                terminal.Note($"Node {kept.Id} has left cluster {kept.Cluster}: this is node {id} of cluster {credential.Cluster} now.");
            else if (kept is not null && kept.Id != id)
                terminal.Note($"{folder.Path} was node {kept.Id}'s: it is node {id}'s now.");

            return credential;
        }

        // The token may be older than what the node has learned of the server since, and the server may just be away.
        if (isSame && join.Failure is NodeJoinFailure.Unreachable or NodeJoinFailure.OtherServer)
            return kept!;

        throw new CommandFailure(StatusOf(join.Failure), join.Message);
    }

    private static NodeCredential Kept(NodeCredential? kept, string? id, string folder)
    {
        if (kept is null)
        {
            throw CommandFailure.WrongUsage(
                "a new node needs a name and a token: artel node start --id NAME --join TOKEN, where 'artel token create --role node' made the token");
        }

        return id is null || kept.Id == id
            ? kept
            : throw CommandFailure.WrongUsage(
                $"{folder} belongs to node {kept.Id}: give node {id} a folder of its own with --data, or let it take this one with a new token (--join)");
    }

    private static int StatusOf(NodeJoinFailure failure) => failure switch
    {
        NodeJoinFailure.Unreachable => ExitStatus.NoCluster,
        NodeJoinFailure.Refused or NodeJoinFailure.OtherServer => ExitStatus.NotAllowed,
        _ => ExitStatus.WrongUsage,
    };
}
