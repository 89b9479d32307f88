namespace Artel.Server.Storage.Migrations;

/// <summary>What ended attempts used: sums by UTC day that outlive the jobs they come from.</summary>
internal static class Migration0011
{
    // day counts from 1970-01-01. held, cpu, gpu and used are seconds, memory is bytes times seconds.
    //
    //   usage_nodes  each attempt once.
    //   usage_tags   each attempt under each of its tags; tag is empty for those without.
    private const string Columns = """
          tasks INTEGER NOT NULL,
          attempts INTEGER NOT NULL,
          failures INTEGER NOT NULL,
          losses INTEGER NOT NULL,
          held REAL NOT NULL,
          cpu REAL NOT NULL,
          gpu REAL NOT NULL,
          memory REAL NOT NULL,
          used REAL NOT NULL,
        """;

    public const string Sql = $"""
        CREATE TABLE usage_nodes(
          day INTEGER NOT NULL,
          user TEXT NOT NULL,
          node TEXT NOT NULL,
          {Columns}
          PRIMARY KEY(day, user, node)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE usage_tags(
          day INTEGER NOT NULL,
          user TEXT NOT NULL,
          tag TEXT NOT NULL,
          {Columns}
          PRIMARY KEY(day, user, tag)
        ) STRICT, WITHOUT ROWID;
        """;
}
