namespace Artel.Server.Storage.Migrations;

/// <summary>Sessions of browsers, by the hash of their secret. Each is of a token and lets in as that does.</summary>
internal static class Migration0007
{
    public const string Sql =
        """
        CREATE TABLE sessions(
          secret_hash BLOB NOT NULL PRIMARY KEY,
          token TEXT NOT NULL REFERENCES tokens(id),
          created INTEGER NOT NULL,
          expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """;
}
