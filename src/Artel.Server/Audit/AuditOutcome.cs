using System.Collections.Frozen;
using System.Text;
using Grpc.Core;

namespace Artel.Server.Audit;

/// <summary>The words for the outcome of a call.</summary>
internal static class AuditOutcome
{
    public const string Ok = "ok";

    /// <summary>The server ended before the call was answered.</summary>
    public const string Unknown = "unknown";

    /// <summary>A count of refusals that were not recorded one by one.</summary>
    public const string LeftOut = "left_out";

    private static readonly FrozenDictionary<StatusCode, string> Words =
        Enum.GetValues<StatusCode>().ToFrozenDictionary(code => code, Spell);

    /// <summary>A gRPC status, such as <c>permission_denied</c>.</summary>
    public static string Of(StatusCode code) => Words[code];

    private static string Spell(StatusCode code)
    {
        var word = new StringBuilder();
        foreach (var c in code.ToString())
        {
            word.Append(char.IsUpper(c) && word.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(c));
        }

        return word.ToString();
    }
}
