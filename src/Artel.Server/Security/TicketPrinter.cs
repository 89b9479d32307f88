using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Server.Security;

/// <summary>Writes tickets for this server: its addresses and pin around a secret.</summary>
internal sealed class TicketPrinter(CertificatePin pin, ServerLife life)
{
    public string Print(string secret, Role role)
    {
        var ticket = new Ticket { Pin = ByteString.CopyFrom(pin.Hash.Span), Secret = secret, Role = role };
        ticket.Addresses.AddRange(life.Addresses);
        return Tickets.Format(ticket);
    }
}
