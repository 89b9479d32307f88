using System.Globalization;
using Artel.Protocol.Client;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Artel.Node;

/// <summary>
/// What makes an agent a certain node of a certain cluster: its id, and a ticket of role node with its own secret. It is kept in
/// the file <c>credential</c> of the data folder, open to its owner only.
/// </summary>
/// <param name="Id">The node's id.</param>
/// <param name="Ticket">Addresses, pins, the cluster's id and the node's own secret.</param>
/// <param name="Worked">So many of the ticket's addresses, the first ones, have led to the server already. The others are what it says of itself.</param>
public sealed record NodeCredential(string Id, Ticket Ticket, int Worked = 0)
{
    internal const string FileName = "credential";
    private const string IdLine = "id: ";
    private const string TicketLine = "ticket: ";
    private const string WorkedLine = "worked: ";

    /// <summary>So many addresses that have worked are kept, the latest first.</summary>
    private const int MostWorked = 4;

    private const int MostAddresses = 32;
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(20);

    /// <summary>For <see cref="NodeAgentOptions.Access"/>.</summary>
    public ClusterAccess Access => ClusterAccess.From(Ticket);

    /// <summary>The cluster's id.</summary>
    public string Cluster => Ticket.ClusterId;

    /// <summary>Uses a join ticket, once: the server gives the node a secret of its own.</summary>
    /// <param name="ticket">A ticket of role node. The server is looked for at all of its addresses.</param>
    /// <param name="id">The id that the node is to have.</param>
    /// <param name="kept">
    /// What the node has from an earlier join, or null. If it is of the ticket's cluster and still good, it is kept and the ticket is not used.
    /// </param>
    public static async Task<NodeJoin> JoinAsync(Ticket ticket, string id, NodeCredential? kept, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        if (!NodeIds.IsValid(id))
            return NodeJoin.Failed(NodeJoinFailure.WrongId, $"'{id}' cannot be the id of a node: {NodeIds.Rule}");

        if (ticket.Role is not (Role.Node or Role.Unspecified))
            return NodeJoin.Failed(NodeJoinFailure.Refused, "this token is for people, not for nodes: create one with 'artel token create --role node'");

        var access = ClusterAccess.From(ticket);
        var secret = kept is not null && kept.IsOf(ticket, id) ? kept.Ticket.Secret : access.Secret;
        if (!ServerSearch.HasChoice(access.Addresses))
        {
            using var direct = ClusterChannel.Open(access, access.Addresses[0]);
            return await JoinAsync(ticket, id, secret, direct, access.Addresses[0], ct);
        }

        try
        {
            using var found = await ServerSearch.FindAsync(access, TimeProvider.System, ct);
            using var channel = ClusterChannel.Open(access, found);
            return await JoinAsync(ticket, id, secret, channel, found.Address, ct);
        }
        catch (NoServerException e)
        {
            return NodeJoin.Of(e);
        }
    }

    private static async Task<NodeJoin> JoinAsync(
        Ticket ticket, string id, string secret, GrpcChannel channel, string address, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(JoinPatience);
        try
        {
            JoinReply reply;
            try
            {
                reply = await AskAsync(channel, secret, id, patience.Token);
            }
            catch (RpcException e) when (secret != ticket.Secret
                && e.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
            {
                // The credential from an earlier join is no longer good.
                reply = await AskAsync(channel, ticket.Secret, id, patience.Token);
            }

            var own = new Ticket(ticket) { Secret = reply.Secret, Role = Role.Node, ClusterId = reply.ClusterId };
            return NodeJoin.Succeeded(new NodeCredential(id, own).WithWorked(address));
        }
        catch (RpcException e)
        {
            ct.ThrowIfCancellationRequested();
            return NodeJoin.Of(e, address);
        }
    }

    private static async Task<JoinReply> AskAsync(GrpcChannel channel, string secret, string id, CancellationToken ct) =>
        await new NodeLink.NodeLinkClient(channel.Authenticated(secret)).JoinAsync(new JoinRequest { Node = id }, cancellationToken: ct);

    /// <summary>Reads the credential of a data folder. Null if there is none (then <paramref name="error"/> is empty) or it is damaged.</summary>
    public static NodeCredential? Load(string dataDirectory, out string error)
    {
        var path = Path.Combine(dataDirectory, FileName);
        error = "";
        if (!File.Exists(path))
            return null;

        if (File.ReadAllLines(path) is [var idLine, var ticketLine, var workedLine, ..]
            && idLine.StartsWith(IdLine, StringComparison.Ordinal) && NodeIds.IsValid(idLine[IdLine.Length..])
            && ticketLine.StartsWith(TicketLine, StringComparison.Ordinal)
            && Tickets.Parse(ticketLine[TicketLine.Length..], out _) is { } ticket
            && workedLine.StartsWith(WorkedLine, StringComparison.Ordinal)
            && int.TryParse(workedLine[WorkedLine.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var worked)
            && worked <= ticket.Addresses.Count)
        {
            return new NodeCredential(idLine[IdLine.Length..], ticket, worked);
        }

        error = $"{path} is damaged: remove it and join again with a new token";
        return null;
    }

    /// <summary>Whether a ticket is of the cluster that this node has joined under this id.</summary>
    public bool IsOf(Ticket ticket, string id)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        return id == Id && Cluster.Length > 0 && ticket.ClusterId == Cluster;
    }

    /// <summary>
    /// With what the server says of itself: its present addresses and pins. Addresses that have worked stay, since others may not be reachable from here.
    /// </summary>
    /// <param name="address">Where the server was reached just now.</param>
    public NodeCredential With(ServerIdentity identity, string address)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var ticket = new Ticket(Ticket) { Pin = identity.Pin, NextPin = identity.NextPin };
        var worked = Ticket.Addresses.Take(Worked).ToList();
        ticket.Addresses.Clear();
        ticket.Addresses.Add(worked.Union(identity.Addresses).Take(MostAddresses));
        return new NodeCredential(Id, ticket, worked.Count).WithWorked(address);
    }

    /// <summary>Writes it into a data folder, which is created if it is missing. There is the old file or the new one, never a part.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
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
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{IdLine}{Id}\n{TicketLine}{Tickets.Format(Ticket)}\n{WorkedLine}{Worked}\n"));
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(newPath, path, overwrite: true);
    }

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"{Id} of {Access}";

    private NodeCredential WithWorked(string address)
    {
        var worked = Ticket.Addresses.Take(Worked).Where(a => a != address).Prepend(address).Take(MostWorked).ToList();
        var ticket = new Ticket(Ticket);
        ticket.Addresses.Clear();
        ticket.Addresses.Add(worked.Union(Ticket.Addresses.Skip(Worked)));
        return new NodeCredential(Id, ticket, worked.Count);
    }
}
