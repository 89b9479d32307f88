using Artel.Protocol.V1;

namespace Artel.Protocol.Client;

/// <summary>What it takes to talk to a cluster: where it is, how to recognise it, and who calls.</summary>
/// <param name="Addresses"><c>host:port</c>, the one to try first is first.</param>
/// <param name="Pin">The server's identity.</param>
/// <param name="Secret">The caller's bearer secret.</param>
public sealed record ClusterAccess(IReadOnlyList<string> Addresses, CertificatePin Pin, string Secret)
{
    /// <summary>The key that the server is about to change to: accepted too. Null means that no change is announced.</summary>
    public CertificatePin? NextPin { get; init; }

    /// <summary>Both pins.</summary>
    public ServerPins Pins => new(Pin, NextPin);

    /// <summary>Who is asked for the pins at each handshake, and notified of new ones. Null means that <see cref="Pins"/> hold for good.</summary>
    public IPinKeeper? Keeper { get; init; }

    public static ClusterAccess From(Ticket ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        var pins = ServerPins.From(ticket.Pin, ticket.NextPin);
        return new ClusterAccess([.. ticket.Addresses], pins.Current, ticket.Secret) { NextPin = pins.Next };
    }

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"{string.Join(", ", Addresses)} ({Pin})";
}
