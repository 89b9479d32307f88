using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Cli.Tests;

internal static class SomeTickets
{
    public static string For(params string[] addresses)
    {
        var ticket = new Ticket { Pin = ByteString.CopyFrom(new byte[32]), Secret = "s", Role = Role.User };
        ticket.Addresses.AddRange(addresses);
        return Tickets.Format(ticket);
    }
}
