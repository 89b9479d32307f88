using Artel.Protocol.Client;
using Grpc.Core;

namespace Artel.Dashboard.Hosting;

/// <summary>Why a login did not succeed: a word in the address, and the sentence on the page for it. The page shows no text that came with the address.</summary>
internal static class LoginProblems
{
    public static string Of(StatusCode status, string given) => status switch
    {
        StatusCode.Unavailable => "away",
        StatusCode.PermissionDenied => "node",
        _ when given.Length == 0 => "empty",
        _ when given.StartsWith(Tickets.LoginCodePrefix, StringComparison.Ordinal) => "link",
        _ => "token",
    };

    public static string? Sentence(string? problem) => problem switch
    {
        "away" => "The server does not answer. Try again in a moment.",
        "node" => "That is a node's token, which lets nodes join. Log in with a token of role viewer, user or admin.",
        "empty" => "Paste a token, or open a link from 'artel dashboard'.",
        "link" => "That login link was used already, or is older than five minutes. 'artel dashboard' makes another.",
        "token" => "This cluster does not know that token, or it has expired or was revoked.",
        "left" => "You have logged out.",
        _ => null,
    };
}
