using System.Globalization;
using Artel.Protocol.Client;

namespace Artel.Cli.Access;

/// <summary>The cluster that the user's settings name.</summary>
/// <param name="Access">Where it is and how to be let in.</param>
/// <param name="Origin">Where the token was found, for messages: <c>ARTEL_TOKEN</c>, a file.</param>
internal sealed record ConfiguredAccess(ClusterAccess Access, string Origin)
{
    /// <summary>Remembers which address has worked. Null means that nothing is remembered.</summary>
    public KnownAddresses? Known { get; init; }

    /// <summary>
    /// The first token of: flag, <c>ARTEL_TOKEN</c>, <c>config.yaml</c>, the access file of this machine's server. A server that is named
    /// in the same place or an earlier one overrides the addresses in the token; one named in a later place belongs to another token.
    /// Null where nothing is configured at all.
    /// </summary>
    public static ConfiguredAccess? Find(string? serverFlag, string? tokenFlag, Func<string, string?> variable, ArtelHome home)
    {
        var config = ConfigFile.Read(home.ConfigFile);
        (string Origin, string? Server, string? Token)[] places =
        [
            ("--token", serverFlag, tokenFlag),
            ("ARTEL_TOKEN", variable("ARTEL_SERVER"), variable("ARTEL_TOKEN")),
            (home.ConfigFile, config.Server, config.Token),
            (home.AccessFile, null, ReadAccessFile(home.AccessFile)),
        ];

        string? server = null;
        foreach (var place in places)
        {
            server ??= string.IsNullOrWhiteSpace(place.Server) ? null : CheckedAddress(place.Server.Trim());
            if (!string.IsNullOrWhiteSpace(place.Token))
                return Read(place.Token, place.Origin, server, home);
        }

        if (server is null)
            return null;

        throw new CommandFailure(
            ExitStatus.NotAllowed,
            $"a server is named ({server}) but no token: set ARTEL_TOKEN to one that 'artel token create' printed there");
    }

    private static ConfiguredAccess Read(string token, string origin, string? server, ArtelHome home)
    {
        if (Tickets.Parse(token, out var error) is not { } ticket)
            throw new CommandFailure(ExitStatus.NotAllowed, $"{origin}: {error}");

        var access = ClusterAccess.From(ticket);
        access = access with { Keeper = new KnownKeys(home.KeysFile, access.Pins) };
        var known = new KnownAddresses(home.AddressesFile, access.Pin);
        access = access with { Addresses = server is null ? known.InOrder(access.Addresses) : [server] };
        return new ConfiguredAccess(access, origin) { Known = known };
    }

    private static string? ReadAccessFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.File("read", path, e);
        }
    }

    /// <summary>Completes <c>host</c> with the default port.</summary>
    internal static string CheckedAddress(string text)
    {
        const int DefaultPort = 7070;
        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";
        if (!Uri.TryCreate(full, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.PathAndQuery != "/" || uri.Scheme != "https")
            throw CommandFailure.WrongUsage($"'{text}' is no server: write host:port, such as cluster.example:{DefaultPort}");

        var hasPort = full.TrimEnd('/').EndsWith(string.Create(CultureInfo.InvariantCulture, $":{uri.Port}"), StringComparison.Ordinal);
        return string.Create(CultureInfo.InvariantCulture, $"{uri.Host}:{(hasPort ? uri.Port : DefaultPort)}");
    }
}
