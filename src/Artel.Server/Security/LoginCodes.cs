using System.Collections.Concurrent;
using Artel.Protocol.Client;

namespace Artel.Server.Security;

/// <summary>
/// Codes of login links: each begins one session within five minutes. They are in memory only; a restart makes them worthless. Safe from any
/// thread.
/// </summary>
internal sealed class LoginCodes(TimeProvider time)
{
    /// <summary>More are not open at once; the one that ends first goes.</summary>
    private const int Most = 1000;

    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset Expires)> _codes = new(StringComparer.Ordinal);

    /// <param name="token">Id of the token whose session the code begins.</param>
    public (string Code, DateTimeOffset Expires) Make(string token)
    {
        var now = time.GetUtcNow();
        foreach (var (key, code) in _codes.Where(c => c.Value.Expires <= now))
        {
            _codes.TryRemove(KeyValuePair.Create(key, code));
        }

        while (_codes.Count >= Most)
        {
            _codes.TryRemove(_codes.MinBy(c => c.Value.Expires));
        }

        var made = Tickets.LoginCodePrefix + Secrets.New();
        _codes[Key(made)] = (token, now + Validity);
        return (made, now + Validity);
    }

    /// <summary>Uses a code up. The id of its token; null where it is none, was used, or is too old.</summary>
    public string? Use(string code) => _codes.TryRemove(Key(code), out var known) && known.Expires > time.GetUtcNow() ? known.Token : null;

    private static string Key(string code) => Secrets.Key(Secrets.Hash(code));
}
