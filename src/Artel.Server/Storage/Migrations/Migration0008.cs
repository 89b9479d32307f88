namespace Artel.Server.Storage.Migrations;

/// <summary>Several people: request ids of each user, what each user keeps, and quotas.</summary>
internal static class Migration0008
{
    //   stored_bytes  per user: kept output and submissions of all jobs, added up at each commit, so that nobody ever has to count rows of attempts.
    //   quotas        per user, with user '' for the default. NULL: as in the default; -1: no limit.
    public const string Sql =
        """
        DROP INDEX jobs_by_request;
        CREATE UNIQUE INDEX jobs_by_request ON jobs(user, request_id) WHERE request_id IS NOT NULL;

        CREATE TABLE stored_bytes(
          user TEXT NOT NULL PRIMARY KEY,
          bytes INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO stored_bytes(user, bytes)
        SELECT user, sum(bytes) FROM (
          SELECT job, length(document) AS bytes FROM job_documents
          UNION ALL
          SELECT job, coalesce(stdout_length, 0) + coalesce(stderr_length, 0) FROM attempts
        ) JOIN jobs USING(job) GROUP BY user;

        CREATE TABLE quotas(
          user TEXT NOT NULL PRIMARY KEY,
          queued_tasks INTEGER,
          running_tasks INTEGER,
          stored_bytes INTEGER,
          schedules INTEGER,
          max_priority INTEGER
        ) STRICT, WITHOUT ROWID;
        """;
}
