using Artel.Protocol.Client;

namespace Artel.Server.Security;

/// <summary>The <c>authorization</c> header of calls: <c>Bearer</c> and a secret (RFC 6750, section 2.1), or the ticket that holds it.</summary>
internal static class BearerHeader
{
    private const string Scheme = "Bearer ";

    /// <summary>Null where the header carries none.</summary>
    public static string? SecretOf(string? header) =>
        header is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? Tickets.SecretOf(header[Scheme.Length..].Trim()) : null;
}
