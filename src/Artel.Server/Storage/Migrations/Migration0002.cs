namespace Artel.Server.Storage.Migrations;

/// <summary>Who may call.</summary>
internal static class Migration0002
{
    //   tokens            secret_hash is SHA-256 of the secret, which is kept nowhere. uses_left is of join tokens; NULL: any number.
    //   node_credentials  what nodes got for a join token. Forgotten ones stay, so that their holder can be told; a node id has at most
    //                     one that is not forgotten.
    public const string Sql = """
        CREATE TABLE tokens(
          id TEXT NOT NULL PRIMARY KEY,
          role INTEGER NOT NULL,
          name TEXT NOT NULL,
          secret_hash BLOB NOT NULL UNIQUE,
          created INTEGER NOT NULL,
          expires INTEGER NOT NULL,
          uses_left INTEGER,
          revoked INTEGER
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE node_credentials(
          secret_hash BLOB NOT NULL PRIMARY KEY,
          node TEXT NOT NULL,
          token TEXT NOT NULL,
          created INTEGER NOT NULL,
          forgotten INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX node_credentials_by_node ON node_credentials(node) WHERE forgotten IS NULL;
        """;
}
