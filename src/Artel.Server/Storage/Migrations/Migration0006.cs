namespace Artel.Server.Storage.Migrations;

/// <summary>What happened, for those who follow it.</summary>
internal static class Migration0006
{
    //   events  a bounded tail of what happened, for people and their programs; nothing is ever rebuilt from it. kind has the numbers of the
    //           protocol. tasks: numbers and ranges, like 1-64,70.
    public const string Sql = """
        CREATE TABLE events(
          position INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          kind INTEGER NOT NULL,
          job INTEGER,
          tasks TEXT,
          node TEXT,
          detail TEXT
        ) STRICT;
        """;
}
