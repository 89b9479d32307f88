using Artel.Cli.Access;
using Artel.Node;
using Artel.Protocol.V1;

namespace Artel.Cli.Nodes;

/// <summary>A node's credential: the one it keeps, or a new one for a join ticket.</summary>
internal static class NodeCredentials
{
    /// <summary>
    /// The kept credential is used again where it is of the ticket's cluster, so a service can be started with the same command line
    /// each time; a ticket of another cluster (or of one set up anew) makes the node join that one.
    /// </summary>
    /// <param name="id">Null: the kept credential's.</param>
    /// <param name="ticket">Null where none was given.</param>
    public static async Task<NodeCredential> ObtainAsync(string? id, string folder, Ticket? ticket, CancellationToken ct)
    {
        SystemAuthorities.Ignore();
        var kept = NodeCredential.Load(folder, out var error);
        if (error.Length > 0)
            throw CommandFailure.WrongUsage(error);

        if (kept is not null && id is not null && kept.Id != id)
            throw CommandFailure.WrongUsage($"{folder} belongs to node {kept.Id}: give node {id} a folder of its own with --data");

        if (kept is not null && (ticket is null || ticket.Pin.Equals(kept.Ticket.Pin)))
            return kept;

        if (ticket is null || id is null && kept is null)
        {
            throw CommandFailure.WrongUsage(
                "a new node needs a name and a token: artel node start --id NAME --join TOKEN, where 'artel token create --role node' made the token");
        }

        var join = await NodeCredential.JoinAsync(ticket, id ?? kept!.Id, ct);
        if (join.Credential is not { } credential)
            throw new CommandFailure(StatusOf(join.Failure), join.Message);

        credential.Save(folder);
        return credential;
    }

    private static int StatusOf(NodeJoinFailure failure) => failure switch
    {
        NodeJoinFailure.Unreachable => ExitStatus.NoCluster,
        NodeJoinFailure.Refused or NodeJoinFailure.OtherServer => ExitStatus.NotAllowed,
        _ => ExitStatus.WrongUsage,
    };
}
