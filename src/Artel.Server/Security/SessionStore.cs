using System.Collections.Concurrent;
using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Security;

/// <summary>
/// Sessions of browsers. All of them are in memory by the hash of their secret; every change is on disk before it counts. Whom one lets in is
/// its token's to say, see <see cref="CredentialStore"/>. Safe from any thread.
/// </summary>
internal sealed class SessionStore
{
    /// <summary>Whoever opens more loses those that end first: a script that logs in each time must not fill the disk.</summary>
    public const int MostOfOneToken = 100;

    private static readonly TimeSpan Validity = TimeSpan.FromDays(7);

    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly CredentialLives _lives;
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    private SessionStore(Database database, TimeProvider time, CredentialLives lives)
    {
        _database = database;
        _time = time;
        _lives = lives;
    }

    public static async Task<SessionStore> OpenAsync(Database database, TimeProvider time, CredentialLives lives, CancellationToken cancellation)
    {
        var store = new SessionStore(database, time, lives);
        foreach (var session in await database.ReadAsync(Read, cancellation))
        {
            store._sessions[Secrets.Key(session.Hash)] = session;
        }

        return store;
    }

    /// <param name="key">Of the secret that a caller shows.</param>
    public Session? Find(string key) => _sessions.GetValueOrDefault(key);

    /// <param name="token">The token whose session it is; it ends no later.</param>
    public async Task<(string Secret, DateTimeOffset Expires)> BeginAsync(TokenInfo token, CancellationToken cancellation)
    {
        var secret = Secrets.New();
        var now = _time.GetUtcNow();
        var session = new Session(Secrets.Hash(secret), token.Id, now, Min(now + Validity, token.Expires));
        var old = _sessions.Values.Where(s => s.Expires <= now)
            .Concat(_sessions.Values.Where(s => s.Token == token.Id && s.Expires > now).OrderByDescending(s => s.Expires).Skip(MostOfOneToken - 1))
            .ToList();
        await _database.WriteAsync(
            connection =>
            {
                old.ForEach(s => Delete(connection, s));
                return Insert(connection, session);
            },
            cancellation);
        old.ForEach(s => Remove(s));
        _sessions[Secrets.Key(session.Hash)] = session;
        return (secret, session.Expires);
    }

    /// <summary>Ends it at once. False where there is no such session.</summary>
    public async Task<bool> EndAsync(string secret, CancellationToken cancellation)
    {
        if (Find(Secrets.Key(Secrets.Hash(secret))) is not { } session)
        {
            return false;
        }

        await _database.WriteAsync(connection => Delete(connection, session), cancellation);
        return Remove(session);
    }

    private bool Remove(Session session)
    {
        var key = Secrets.Key(session.Hash);
        var isRemoved = _sessions.TryRemove(key, out _);
        _lives.EndSession(key);
        return isRemoved;
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static List<Session> Read(SqliteConnection connection) => connection.Query(
        "SELECT secret_hash, token, created, expires FROM sessions",
        row => new Session(row.GetFieldValue<byte[]>(0), row.GetString(1), StoredTime.ToTime(row.GetInt64(2)), StoredTime.ToTime(row.GetInt64(3))));

    private static int Insert(SqliteConnection connection, Session session) => connection.Execute(
        "INSERT INTO sessions(secret_hash, token, created, expires) VALUES($hash, $token, $created, $expires)",
        ("$hash", session.Hash), ("$token", session.Token), ("$created", session.Created.ToMicroseconds()), ("$expires", session.Expires.ToMicroseconds()));

    private static int Delete(SqliteConnection connection, Session session) =>
        connection.Execute("DELETE FROM sessions WHERE secret_hash = $hash", ("$hash", session.Hash));
}

/// <param name="Hash">Of its secret, which is kept nowhere.</param>
/// <param name="Token">Id of the token it is of.</param>
internal sealed record Session(byte[] Hash, string Token, DateTimeOffset Created, DateTimeOffset Expires);
