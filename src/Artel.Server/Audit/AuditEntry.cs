using System.Net;
using System.Net.Sockets;
using Artel.Protocol.Text;
using Artel.Server.Security;

namespace Artel.Server.Audit;

/// <summary>Who did what to what. Every text is one line of bounded length, since it comes from outside.</summary>
internal sealed record AuditEntry
{
    private const int MaxCharacters = 200;

    /// <param name="call">Name of the call, such as <c>Cancel</c>, or what the server did: <c>server start</c>.</param>
    /// <param name="caller">Null if it is not known.</param>
    /// <param name="address">Where the call came from; null for the server itself.</param>
    /// <param name="subject">What it is about, such as <c>job 12</c>.</param>
    public AuditEntry(string call, Principal? caller, IPAddress? address, string subject)
        : this(call, address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4().ToString() : $"{address}", subject)
    {
        User = Clean(caller?.Name ?? "");
        Token = caller?.Token ?? "";
    }

    /// <param name="address">An IP address, or words.</param>
    public AuditEntry(string call, string address, string subject) =>
        (Call, Address, Subject) = (Clean(call), address, Clean(subject));

    public string Call { get; }

    /// <summary>Name of the token; empty if it is not known.</summary>
    public string User { get; private init; } = "";

    /// <summary>Id of the token; empty if it is not known.</summary>
    public string Token { get; private init; } = "";

    public string Address { get; }

    public string Subject { get; }

    public AuditEntry By(Principal? caller) => this with { User = Clean(caller?.Name ?? ""), Token = caller?.Token ?? "" };

    public static string Clean(string text) => Words.OneLine(Words.Cut(text, MaxCharacters));

    /// <summary>The part of the address that one host cannot change as it likes: of IPv6 the first 64 bits.</summary>
    public string Network()
    {
        if (!IPAddress.TryParse(Address, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return Address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
