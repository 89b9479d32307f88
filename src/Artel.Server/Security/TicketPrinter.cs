using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Server.Security;

/// <summary>Writes tickets for this server: its addresses and pins around a secret.</summary>
internal sealed class TicketPrinter(Func<ServerPins> pins, ServerLife life, string clusterId)
{
    public string Print(string secret, Role role) => Print(secret, role, life.Addresses);

    /// <summary>For use on this machine, by loopback first.</summary>
    public string PrintLocal(string secret, Role role) =>
        Print(secret, role, life.LocalAddress is { } local ? [local, .. life.Addresses.Where(a => a != local)] : life.Addresses);

    private string Print(string secret, Role role, IReadOnlyList<string> addresses)
    {
        var current = pins();
        var ticket = new Ticket { Pin = ByteString.CopyFrom(current.Current.Hash.Span), Secret = secret, Role = role, ClusterId = clusterId };
        if (current.Next is { } next)
        {
            ticket.NextPin = ByteString.CopyFrom(next.Hash.Span);
        }

        ticket.Addresses.AddRange(addresses);
        return Tickets.Format(ticket);
    }
}
