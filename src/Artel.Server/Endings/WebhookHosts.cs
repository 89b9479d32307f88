namespace Artel.Server.Endings;

/// <summary>
/// Hosts that the server calls when jobs end. Only those it was told: otherwise whoever may submit a job could have it call what only the
/// server can reach.
/// </summary>
internal sealed class WebhookHosts(IReadOnlyCollection<string> allowed)
{
    private readonly HashSet<string> _allowed = new(allowed.Select(h => h.ToLowerInvariant()), StringComparer.Ordinal);

    public IEnumerable<string> All => _allowed;

    /// <summary>The option's <c>HOST[:PORT]</c>; null, with what would be right, where it is none.</summary>
    public static string? Parse(string text, out string problem)
    {
        var isHost = Uri.TryCreate($"http://{text}/", UriKind.Absolute, out var uri) && uri is { UserInfo: "", PathAndQuery: "/", Fragment: "" }
            && text.Length > 0 && !text.Contains('/', StringComparison.Ordinal) && !text.EndsWith(':');
        problem = isHost ? "" : $"--webhook-host '{text}': write HOST or HOST:PORT, such as hooks.example.org or 10.0.0.5:8080";
        return isHost ? text.ToLowerInvariant() : null;
    }

    /// <summary>Under which of the hosts an address falls, and null where under none. One without a port stands for the default port of http or https.</summary>
    public string? Find(string url)
    {
        var uri = new Uri(url);
        var host = uri.Host.ToLowerInvariant();
        var withPort = FormattableString.Invariant($"{host}:{uri.Port}");
        return _allowed.Contains(withPort) ? withPort : uri.IsDefaultPort && _allowed.Contains(host) ? host : null;
    }

    /// <summary>Why an address is not called, for who submits it; null where it is.</summary>
    public string? Problem(string url)
    {
        if (Find(url) is not null)
        {
            return null;
        }

        var uri = new Uri(url);
        var host = uri.IsDefaultPort ? uri.Host : FormattableString.Invariant($"{uri.Host}:{uri.Port}");
        return $"this server does not call {host}: it has to be started with 'artel server start --webhook-host {host}'";
    }
}
