using Artel.Server.Edge;
using Artel.Testing;

namespace Artel.Server.Tests.Edge;

/// <summary>docs/security.md lists who may make which call, as the server enforces it.</summary>
public sealed class SecurityPageTests
{
    private static readonly (Access Access, string Who)[] Rows =
    [
        (Access.Anyone, "anyone"),
        (Access.Login, "a person with a token or a login link"),
        (Access.AnyCredential, "any token or credential"),
        (Access.Metrics, "viewer, or anyone on the address for this machine's browsers"),
        (Access.Page, "a browser with a session, as its token"),
        (Access.Viewer, "viewer"),
        (Access.User, "user"),
        (Access.Admin, "admin"),
        (Access.Join, "a join token, or the credential that it bought"),
        (Access.Node, "a node"),
    ];

    [Fact]
    public void The_table_is_what_the_server_enforces()
    {
        var page = File.ReadAllText(Path.Combine(Binaries.Repository, "docs", "security.md"));

        Assert.Contains($"<!-- calls -->\n{Table()}<!-- /calls -->", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_kind_of_access_is_explained() => Assert.Equal(Enum.GetValues<Access>().Order(), Rows.Select(r => r.Access).Order());

    private static string Table()
    {
        var lines = Rows.Select(row => $"| {row.Who} | {string.Join(", ", CallsOf(row.Access))} |\n");
        return $"\n| who | calls |\n|---|---|\n{string.Concat(lines)}\n";
    }

    private static IEnumerable<string> CallsOf(Access access) =>
        CallTable.Rows.Where(r => r.Value.Access == access).Select(r => NameOf(r.Key)).Distinct().Order(StringComparer.Ordinal).Select(n => $"`{n}`");

    /// <summary>A gRPC method by its name alone, a route as it is.</summary>
    private static string NameOf(string key) => key.StartsWith("/artel.v1.", StringComparison.Ordinal) ? key[(key.LastIndexOf('/') + 1)..] : key;
}
