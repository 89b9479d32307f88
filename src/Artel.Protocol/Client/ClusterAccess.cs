using Artel.Protocol.V1;

namespace Artel.Protocol.Client;

/// <summary>What it takes to talk to a cluster: where it is, how to recognise it, and who calls.</summary>
/// <param name="Addresses"><c>host:port</c>, the one to try first is first.</param>
/// <param name="Pin">The server's identity.</param>
/// <param name="Secret">The caller's bearer secret.</param>
public sealed record ClusterAccess(IReadOnlyList<string> Addresses, CertificatePin Pin, string Secret)
{
    public static ClusterAccess From(Ticket ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        return new ClusterAccess([.. ticket.Addresses], new CertificatePin(ticket.Pin.Span), ticket.Secret);
    }

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"{string.Join(", ", Addresses)} ({Pin})";
}
