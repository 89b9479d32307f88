using Artel.Node.Link;
using Artel.Protocol.Client;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Node;

/// <summary>
/// What makes an agent a certain node of a certain cluster: its id, and a ticket of role node with its own secret. It is kept in
/// the file <c>credential</c> of the data folder, two lines, open to its owner only.
/// </summary>
/// <param name="Id">The node's id.</param>
/// <param name="Ticket">Addresses, pin and the node's own secret.</param>
public sealed record NodeCredential(string Id, Ticket Ticket)
{
    internal const string FileName = "credential";
    private const string IdLine = "id: ";
    private const string TicketLine = "ticket: ";
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(20);

    /// <summary>For <see cref="NodeAgentOptions.Access"/>.</summary>
    public ClusterAccess Access => ClusterAccess.From(Ticket);

    /// <summary>Uses a join ticket, once: the server gives the node a secret of its own.</summary>
    /// <param name="ticket">A ticket of role node. Its addresses are tried in turn.</param>
    /// <param name="id">The id that the node is to have.</param>
    public static async Task<NodeJoin> JoinAsync(Ticket ticket, string id, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        if (!NodeIds.IsValid(id))
            return NodeJoin.Failed(NodeJoinFailure.WrongId, $"'{id}' can not be the id of a node: {NodeIds.Rule}");

        if (ticket.Role is not (Role.Node or Role.Unspecified))
            return NodeJoin.Failed(NodeJoinFailure.Refused, "this token is for people, not for nodes: make one with `artel token create --role node`");

        var access = ClusterAccess.From(ticket);
        var failure = NodeJoin.Failed(NodeJoinFailure.Unreachable, "the token names no address");
        foreach (var address in access.Addresses)
        {
            using var channel = ClusterChannel.Open(access, address);
            var client = new NodeLink.NodeLinkClient(channel.Authenticated(access.Secret));
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
                patience.CancelAfter(JoinPatience);
                var reply = await client.JoinAsync(new JoinRequest { Node = id }, cancellationToken: patience.Token);
                return NodeJoin.Succeeded(new NodeCredential(id, new Ticket(ticket) { Secret = reply.Secret, Role = Role.Node }));
            }
            catch (RpcException e)
            {
                ct.ThrowIfCancellationRequested();
                failure = Failure(e, address);
                if (failure.Failure is not (NodeJoinFailure.Unreachable or NodeJoinFailure.OtherServer))
                    return failure;
            }
        }

        return failure;
    }

    /// <summary>Reads the credential of a data folder. Null where there is none (then <paramref name="error"/> is empty) or it is damaged.</summary>
    public static NodeCredential? Load(string dataDirectory, out string error)
    {
        var path = Path.Combine(dataDirectory, FileName);
        error = "";
        if (!File.Exists(path))
            return null;

        if (File.ReadAllLines(path) is [var idLine, var ticketLine, ..]
            && idLine.StartsWith(IdLine, StringComparison.Ordinal) && NodeIds.IsValid(idLine[IdLine.Length..])
            && ticketLine.StartsWith(TicketLine, StringComparison.Ordinal)
            && Tickets.Parse(ticketLine[TicketLine.Length..], out _) is { } ticket)
        {
            return new NodeCredential(idLine[IdLine.Length..], ticket);
        }

        error = $"{path} is damaged: remove it and join again with a new token";
        return null;
    }

    /// <summary>Writes it into a data folder, which is made where it is missing. There is the old file or the new one, never a part.</summary>
    /// <exception cref="IOException">It can not be written.</exception>
    public void Save(string dataDirectory)
    {
        DataFolder.Make(dataDirectory);
        var path = Path.Combine(dataDirectory, FileName);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        var newPath = path + ".new";
        File.Delete(newPath);
        using (var file = new FileStream(newPath, options))
        {
            using var writer = new StreamWriter(file, leaveOpen: true);
            writer.Write($"{IdLine}{Id}\n{TicketLine}{Tickets.Format(Ticket)}\n");
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(newPath, path, overwrite: true);
    }

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"{Id} of {Access}";

    private static NodeJoin Failure(RpcException e, string address) => e.StatusCode switch
    {
        StatusCode.Unauthenticated => NodeJoin.Failed(
            NodeJoinFailure.Refused, "the server does not accept this join token: it has expired, was revoked or is used up; make a new one"),
        StatusCode.PermissionDenied => NodeJoin.Failed(NodeJoinFailure.Refused, e.Status.Detail),
        StatusCode.AlreadyExists => NodeJoin.Failed(NodeJoinFailure.IdTaken, e.Status.Detail),
        StatusCode.FailedPrecondition => NodeJoin.Failed(NodeJoinFailure.Version, e.Status.Detail),
        StatusCode.InvalidArgument => NodeJoin.Failed(NodeJoinFailure.WrongId, e.Status.Detail),
        StatusCode.Cancelled => NodeJoin.Failed(NodeJoinFailure.Unreachable, $"{address}: no answer in {JoinPatience.TotalSeconds} s"),
        _ when LinkFailure.IsOtherServer(e) => NodeJoin.Failed(
            NodeJoinFailure.OtherServer, $"the server at {address} is not the one that this token belongs to: its certificate has another pin"),
        _ => NodeJoin.Failed(NodeJoinFailure.Unreachable, $"{address}: {LinkFailure.Describe(e)}"),
    };
}

/// <summary>What became of a join: a credential, or why there is none.</summary>
public sealed record NodeJoin
{
    private NodeJoin(NodeCredential? credential, NodeJoinFailure failure, string message)
    {
        Credential = credential;
        Failure = failure;
        Message = message;
    }

    /// <summary>Null where it failed.</summary>
    public NodeCredential? Credential { get; }

    public NodeJoinFailure Failure { get; }

    /// <summary>For people; empty where it succeeded.</summary>
    public string Message { get; }

    internal static NodeJoin Succeeded(NodeCredential credential) => new(credential, NodeJoinFailure.None, "");

    internal static NodeJoin Failed(NodeJoinFailure failure, string message) => new(null, failure, message);
}

/// <summary>Why a join failed.</summary>
public enum NodeJoinFailure
{
    None,

    /// <summary>The id is none.</summary>
    WrongId,

    /// <summary>No address answers.</summary>
    Unreachable,

    /// <summary>What answers has not the pin of the ticket.</summary>
    OtherServer,

    /// <summary>The token does not allow it.</summary>
    Refused,

    /// <summary>Another node has this id.</summary>
    IdTaken,

    /// <summary>This program and the server are too far apart.</summary>
    Version,
}
