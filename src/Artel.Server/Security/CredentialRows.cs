using Artel.Protocol.V1;
using Artel.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Security;

/// <summary>Credentials in the tables of migration 2. Keys are hashes of secrets, in hexadecimal.</summary>
internal static class CredentialRows
{
    public static List<(string Key, TokenInfo Token)> ReadTokens(SqliteConnection connection) => connection.Query(
        "SELECT secret_hash, id, role, name, created, expires, uses_left, revoked, node FROM tokens",
        row => (
            Secrets.Key(row.GetFieldValue<byte[]>(0)),
            new TokenInfo(
                row.GetString(1), (Role)row.GetInt32(2), row.GetString(3), StoredTime.ToTime(row.GetInt64(4)), StoredTime.ToTime(row.GetInt64(5)),
                row.IsDBNull(6) ? null : row.GetInt32(6), !row.IsDBNull(7))
            { Node = row.IsDBNull(8) ? null : row.GetString(8) }));

    public static List<(string Key, NodeCredential Credential)> ReadNodes(SqliteConnection connection) => connection.Query(
        "SELECT secret_hash, node, token, forgotten FROM node_credentials",
        row => (Secrets.Key(row.GetFieldValue<byte[]>(0)), new NodeCredential(row.GetString(1), row.GetString(2), !row.IsDBNull(3))));

    public static int Insert(SqliteConnection connection, byte[] hash, TokenInfo token) => connection.Execute(
        """
        INSERT INTO tokens(id, role, name, secret_hash, created, expires, uses_left, node)
        VALUES($id, $role, $name, $hash, $created, $expires, $uses, $node)
        """,
        ("$id", token.Id), ("$role", (int)token.Role), ("$name", token.Name), ("$hash", hash), ("$created", token.Created.ToMicroseconds()),
        ("$expires", token.Expires.ToMicroseconds()), ("$uses", (object?)token.UsesLeft ?? DBNull.Value),
        ("$node", (object?)token.Node ?? DBNull.Value));

    public static int Revoke(SqliteConnection connection, string token, DateTimeOffset at) => connection.Execute(
        "UPDATE tokens SET revoked = $at WHERE id = $id", ("$at", at.ToMicroseconds()), ("$id", token));

    public static int Join(SqliteConnection connection, byte[] hash, NodeCredential joined, TokenInfo left, DateTimeOffset at)
    {
        connection.Execute(
            "UPDATE tokens SET uses_left = $uses WHERE id = $id", ("$uses", (object?)left.UsesLeft ?? DBNull.Value), ("$id", left.Id));
        return connection.Execute(
            "INSERT INTO node_credentials(secret_hash, node, token, created) VALUES($hash, $node, $token, $at)",
            ("$hash", hash), ("$node", joined.Node), ("$token", joined.Token), ("$at", at.ToMicroseconds()));
    }

    public static int Forget(SqliteConnection connection, string node, DateTimeOffset at) => connection.Execute(
        "UPDATE node_credentials SET forgotten = $at WHERE node = $node AND forgotten IS NULL", ("$at", at.ToMicroseconds()), ("$node", node));
}
