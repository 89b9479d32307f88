using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Artel.Protocol.V1;
using Artel.Server.Storage;

namespace Artel.Server.Security;

/// <summary>
/// Tokens of people and credentials of nodes. All of them are in memory, by the hash of their secret, so that a check costs one hash;
/// every change is on disk before it counts. Safe from any thread.
/// </summary>
internal sealed class CredentialStore : IDisposable
{
    /// <summary>An admin token that is valid for less than this does not replace another one.</summary>
    public static readonly TimeSpan ReplacementValidity = TimeSpan.FromHours(24);

    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, TokenInfo> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, NodeCredential> _nodes = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changing = new(1, 1);

    private CredentialStore(Database database, TimeProvider time, SessionStore sessions, CredentialLives lives)
    {
        _database = database;
        _time = time;
        Sessions = sessions;
        Lives = lives;
    }

    public SessionStore Sessions { get; }

    /// <summary>The calls that end with their credentials.</summary>
    public CredentialLives Lives { get; }

    /// <param name="database">Must outlive the store.</param>
    public static async Task<CredentialStore> OpenAsync(Database database, TimeProvider time, CancellationToken cancellation)
    {
        var lives = new CredentialLives(time);
        var store = new CredentialStore(database, time, await SessionStore.OpenAsync(database, time, lives, cancellation), lives);
        await database.ReadAsync(
            connection =>
            {
                foreach (var (key, token) in CredentialRows.ReadTokens(connection))
                {
                    store._tokens[key] = token;
                }

                foreach (var (key, node) in CredentialRows.ReadNodes(connection))
                {
                    store._nodes[key] = node;
                }

                return true;
            },
            cancellation);
        return store;
    }

    /// <summary>Whom a secret lets in.</summary>
    public AuthenticationResult Authenticate(string secret) => Check(Secrets.Key(Secrets.Hash(secret)));

    /// <summary>Whom the secret with this key lets in.</summary>
    public AuthenticationResult Check(string key)
    {
        if (_nodes.TryGetValue(key, out var node))
        {
            return node.Forgotten
                ? new AuthenticationResult(null, $"node {node.Node} was forgotten")
                : new AuthenticationResult(new Principal(node.Token, Role.Node, node.Node, node.Node), "", new Credential(key, null, DateTimeOffset.MaxValue));
        }

        var session = Sessions.Find(key);
        if ((session is null ? _tokens.GetValueOrDefault(key) : Token(session.Token)) is not { } token)
        {
            return new AuthenticationResult(null, "this cluster does not know this token");
        }

        if (session is not null && session.Expires <= _time.GetUtcNow())
        {
            return new AuthenticationResult(null, "this session has expired: log in again");
        }

        return Lapse(token) is { } lapse
            ? new AuthenticationResult(null, lapse)
            : new AuthenticationResult(
                new Principal(token.Id, token.Role, token.Name, null), "",
                new Credential(key, token.Id, session is null || token.Expires < session.Expires ? token.Expires : session.Expires));
    }

    /// <inheritdoc cref="CreateTokenAsync(Role, string, TimeSpan, int, string?, CancellationToken)"/>
    public Task<(string Secret, TokenInfo Token)> CreateTokenAsync(
        Role role, string name, TimeSpan validFor, int uses, CancellationToken cancellation) =>
        CreateTokenAsync(role, name, validFor, uses, node: null, cancellation);

    /// <param name="uses">Of a join token: how many nodes may join with it. 0 means any number.</param>
    /// <param name="node">Of a join token: the only node that may join with it. Null means any node.</param>
    public async Task<(string Secret, TokenInfo Token)> CreateTokenAsync(
        Role role, string name, TimeSpan validFor, int uses, string? node, CancellationToken cancellation)
    {
        var secret = Secrets.New();
        var hash = Secrets.Hash(secret);
        var now = _time.GetUtcNow();
        var token = new TokenInfo(
            RandomNumberGenerator.GetHexString(8, lowercase: true), role, name, now, Add(now, validFor), uses == 0 ? null : uses, Revoked: false)
        {
            Node = node,
        };
        await _database.WriteAsync(connection => CredentialRows.Insert(connection, hash, token), cancellation);
        _tokens[Secrets.Key(hash)] = token;
        return (secret, token);
    }

    /// <summary>All tokens, newest first.</summary>
    public IReadOnlyList<TokenInfo> ListTokens() => [.. _tokens.Values.OrderByDescending(t => t.Created).ThenBy(t => t.Id, StringComparer.Ordinal)];

    /// <summary>True if valid tokens of people have more than one name between them.</summary>
    public bool HaveSeveralPeople() =>
        _tokens.Values.Where(t => t.Role != Role.Node && Lapse(t) is null).Select(t => t.Name).Distinct(StringComparer.Ordinal).Take(2).Count() > 1;

    /// <summary>Null where there is none, or it is no longer good.</summary>
    public TokenInfo? GoodToken(string id) => Token(id) is { } token && Lapse(token) is null ? token : null;

    /// <summary>Revokes a token, and ends what was begun with it.</summary>
    /// <param name="force">Also the last one of an admin.</param>
    public async Task<Revocation> RevokeTokenAsync(string id, bool force, CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation);
        try
        {
            var (key, token) = _tokens.FirstOrDefault(t => t.Value.Id == id);
            if (token is null)
            {
                return Revocation.NoSuchToken;
            }

            if (!force && IsLastAdmin(token))
            {
                return Revocation.LastAdmin;
            }

            var revoked = _time.GetUtcNow();
            await _database.WriteAsync(connection => CredentialRows.Revoke(connection, id, revoked), cancellation);
            _tokens[key] = token with { Revoked = true };
            Lives.EndToken(id);
            return Revocation.Revoked;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Buys a credential for a node with a join token. One use of the token and the new credential are stored together.</summary>
    public async Task<JoinOutcome> JoinAsync(string joinSecret, string node, CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation);
        try
        {
            var key = Secrets.Key(Secrets.Hash(joinSecret));
            if (!_tokens.TryGetValue(key, out var token))
            {
                return new JoinOutcome(null, JoinRefusal.InvalidToken, "this cluster does not know this token");
            }

            if (Lapse(token) is { } lapse)
            {
                return new JoinOutcome(null, JoinRefusal.InvalidToken, lapse);
            }

            if (token.Role != Role.Node)
            {
                var role = token.Role.ToString().ToLowerInvariant();
                return new JoinOutcome(
                    null, JoinRefusal.WrongRole, $"this token has the role {role}: a node joins with one from 'artel token create --role node'");
            }

            if (token.Node is { } only && only != node)
            {
                return new JoinOutcome(
                    null, JoinRefusal.OtherNode,
                    $"this token is for node {only} only: start that one with it, or make another with 'artel token create --role node --id {node}'");
            }

            if (HasJoined(node))
            {
                return new JoinOutcome(
                    null, JoinRefusal.NodeTaken,
                    $"a node with the id {node} has joined already: choose another id, start that one again with its data folder, or 'artel node forget {node}' first");
            }

            var secret = Secrets.New();
            var hash = Secrets.Hash(secret);
            var left = token with { UsesLeft = token.UsesLeft - 1 };
            var joined = new NodeCredential(node, token.Id, Forgotten: false);
            var now = _time.GetUtcNow();
            await _database.WriteAsync(connection => CredentialRows.Join(connection, hash, joined, left, now), cancellation);
            _tokens[key] = left;
            _nodes[Secrets.Key(hash)] = joined;
            return new JoinOutcome(secret, JoinRefusal.None, "");
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Whether a node has a credential of its own.</summary>
    public bool HasJoined(string node) => _nodes.Values.Any(n => n.Node == node && !n.Forgotten);

    /// <summary>Revokes the credential of a node. False where it has none.</summary>
    public async Task<bool> ForgetNodeAsync(string node, CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation);
        try
        {
            var (key, credential) = _nodes.FirstOrDefault(n => n.Value.Node == node && !n.Value.Forgotten);
            if (credential is null)
            {
                return false;
            }

            var now = _time.GetUtcNow();
            await _database.WriteAsync(connection => CredentialRows.Forget(connection, node, now), cancellation);
            _nodes[key] = credential with { Forgotten = true };
            Lives.EndNode(key);
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    public void Dispose() => _changing.Dispose();

    private static DateTimeOffset Add(DateTimeOffset now, TimeSpan duration) =>
        duration < DateTimeOffset.MaxValue - now ? now + duration : DateTimeOffset.MaxValue;

    /// <summary>
    /// True if no admin token would be left that is good for a while. One that is about to expire replaces none: whoever revokes the other would be locked out
    /// tomorrow.
    /// </summary>
    private bool IsLastAdmin(TokenInfo token)
    {
        var horizon = _time.GetUtcNow() + ReplacementValidity;
        return token.Role == Role.Admin && Lapse(token) is null
            && !_tokens.Values.Any(t => t.Id != token.Id && t.Role == Role.Admin && Lapse(t) is null && t.Expires >= horizon);
    }

    private TokenInfo? Token(string id) => _tokens.Values.FirstOrDefault(t => t.Id == id);

    /// <summary>Why a token is no longer good, or null while it is.</summary>
    private string? Lapse(TokenInfo token) =>
        token.Revoked ? "this token was revoked"
        : token.Expires <= _time.GetUtcNow() ? string.Create(CultureInfo.InvariantCulture, $"this token expired on {token.Expires:yyyy-MM-dd HH:mm} UTC")
        : token.UsesLeft == 0 ? "this token has been used up: each join takes one use of it"
        : null;
}

/// <param name="Token">Id of the token it joined with.</param>
internal sealed record NodeCredential(string Node, string Token, bool Forgotten);
