namespace Artel.Server.Storage.Migrations;

/// <summary>Jobs whose terms were changed while leases of theirs were in flight; why nodes drain.</summary>
internal static class Migration0014
{
    //   job_revisions        documents that an unfinished job had before, up to which lease.
    //   nodes.drain_reason   why the node drains, in the words of whoever drains it; empty if no reason was given.
    public const string Sql = """
        CREATE TABLE job_revisions(
          job INTEGER NOT NULL REFERENCES jobs,
          epoch INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          document BLOB NOT NULL,
          PRIMARY KEY(job, epoch, sequence)
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE nodes ADD COLUMN drain_reason TEXT NOT NULL DEFAULT '';
        """;
}
