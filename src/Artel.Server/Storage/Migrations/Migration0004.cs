namespace Artel.Server.Storage.Migrations;

/// <summary>Tags of jobs, limits of tags, and why tasks are cancelled.</summary>
internal static class Migration0004
{
    //   jobs.tags  separated by spaces; NULL: none.
    //   cancels.reason  why; NULL: because somebody asked for it.
    //   limits     at most so many tasks with the tag are in the hands of nodes.
    public const string Sql = """
        ALTER TABLE jobs ADD COLUMN tags TEXT;
        ALTER TABLE cancels ADD COLUMN reason TEXT;
        CREATE TABLE limits(
          tag TEXT NOT NULL PRIMARY KEY,
          most INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """;
}
