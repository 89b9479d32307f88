using System.Collections.Concurrent;
using System.Text;

namespace Artel.Server.Telemetry;

/// <summary>Members of enums as values of labels: <c>TimedOut</c> is <c>timed_out</c>.</summary>
internal static class Words
{
    private static readonly ConcurrentDictionary<Enum, string> Known = [];

    public static string Of(Enum member) => Known.GetOrAdd(member, m =>
    {
        var text = new StringBuilder();
        foreach (var c in m.ToString())
        {
            text.Append(char.IsUpper(c) && text.Length > 0 ? "_" : "").Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    });
}
