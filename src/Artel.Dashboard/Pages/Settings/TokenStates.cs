using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Settings;

/// <summary>Whether a token still lets anybody in.</summary>
internal static class TokenStates
{
    public const string Works = "works";

    public static string Of(Token token, DateTimeOffset now) =>
        token.Revoked ? "revoked"
        : token.Expires is { } expires && expires.ToDateTimeOffset() <= now ? "expired"
        : token is { HasUsesLeft: true, UsesLeft: 0 } ? "used up"
        : Works;
}
