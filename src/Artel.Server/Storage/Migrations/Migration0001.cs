namespace Artel.Server.Storage.Migrations;

/// <summary>Jobs, their tasks and attempts, leases in flight, and nodes.</summary>
internal static class Migration0001
{
    // Times are microseconds since 1970, durations microseconds. States and outcomes have the numbers of the protocol. Columns that
    // are zero or empty in most rows are NULL then, which takes no room.
    //
    //   meta           cluster_id; epoch; last_job and last_position, the largest ever given.
    //   jobs           state is 2 (Running) until the job has ended; the counts are set from then on.
    //   job_documents  what was submitted, apart from jobs because it can be large and lists do not need it.
    //   job_nodes      attempts per node, counted at each commit, so that nobody ever has to count rows of attempts.
    //   grants         leases in flight, a row for each range that was granted together. The row goes when its last lease is settled:
    //                  an open lease is one of a row here that has neither an attempt nor a row in returned.
    //   returned       leases of such a range that ended without an attempt. They go with their grant.
    //   cancels        leases whose task is to be cancelled. They go with their grant.
    //   attempts       ended attempts: the one row that every task costs. In order of position within a job, so new rows are appended.
    //                  next is the task's state after it. superseded: it was the end of its task, which was retried by hand since.
    //   histories      counts of the tasks that did not simply succeed at the first attempt. losses: nodes, separated by spaces.
    //   task_ends      tasks that ended otherwise than by an attempt, as ranges that do not overlap.
    //   nodes          incarnation is the bits of an unsigned number. counters and labels are JSON objects.
    public const string Sql = """
        CREATE TABLE meta(
          key TEXT NOT NULL PRIMARY KEY,
          value ANY NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE jobs(
          job INTEGER PRIMARY KEY,
          name TEXT NOT NULL,
          user TEXT NOT NULL,
          priority INTEGER NOT NULL,
          state INTEGER NOT NULL,
          held INTEGER NOT NULL,
          request_id TEXT,
          submitted INTEGER NOT NULL,
          started INTEGER,
          ended INTEGER,
          total INTEGER,
          succeeded INTEGER,
          failed INTEGER,
          cancelled INTEGER,
          skipped INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX jobs_by_request ON jobs(request_id) WHERE request_id IS NOT NULL;
        CREATE INDEX jobs_by_state ON jobs(state, job);

        CREATE TABLE job_documents(
          job INTEGER PRIMARY KEY REFERENCES jobs,
          document BLOB NOT NULL
        ) STRICT;

        CREATE TABLE job_nodes(
          job INTEGER NOT NULL,
          node TEXT NOT NULL,
          succeeded INTEGER NOT NULL,
          failed INTEGER NOT NULL,
          PRIMARY KEY(job, node)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE grants(
          epoch INTEGER NOT NULL,
          first_sequence INTEGER NOT NULL,
          count INTEGER NOT NULL,
          job INTEGER NOT NULL,
          first_task INTEGER NOT NULL,
          attempt INTEGER NOT NULL,
          node TEXT NOT NULL,
          incarnation INTEGER NOT NULL,
          granted INTEGER NOT NULL,
          PRIMARY KEY(epoch, first_sequence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE returned(
          epoch INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          PRIMARY KEY(epoch, sequence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE cancels(
          epoch INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          PRIMARY KEY(epoch, sequence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE attempts(
          job INTEGER NOT NULL,
          position INTEGER NOT NULL,
          task INTEGER NOT NULL,
          attempt INTEGER NOT NULL,
          epoch INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          node TEXT NOT NULL,
          outcome INTEGER NOT NULL,
          exit_status INTEGER,
          signal INTEGER,
          message TEXT,
          started INTEGER,
          ended INTEGER NOT NULL,
          wall INTEGER,
          user INTEGER,
          system INTEGER,
          peak_memory INTEGER,
          next INTEGER NOT NULL,
          reason TEXT,
          superseded INTEGER,
          stdout_length INTEGER,
          stdout_written INTEGER,
          stdout_segment INTEGER,
          stdout_offset INTEGER,
          stdout_inline BLOB,
          stderr_length INTEGER,
          stderr_written INTEGER,
          stderr_segment INTEGER,
          stderr_offset INTEGER,
          stderr_inline BLOB,
          PRIMARY KEY(job, position)
        ) STRICT, WITHOUT ROWID;
        -- Covers the load of a job, which reads what has ended in order of task.
        CREATE INDEX attempts_by_task ON attempts(job, task, attempt, next, superseded);
        -- What failed, among many that did not.
        CREATE INDEX attempts_not_succeeded ON attempts(job, position) WHERE next > 5;

        CREATE TABLE histories(
          job INTEGER NOT NULL,
          task INTEGER NOT NULL,
          attempts INTEGER NOT NULL,
          failures INTEGER NOT NULL,
          losses TEXT NOT NULL,
          not_before INTEGER,
          PRIMARY KEY(job, task)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE task_ends(
          job INTEGER NOT NULL,
          first INTEGER NOT NULL,
          last INTEGER NOT NULL,
          state INTEGER NOT NULL,
          reason TEXT NOT NULL,
          ended INTEGER NOT NULL,
          PRIMARY KEY(job, first)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE nodes(
          node TEXT NOT NULL PRIMARY KEY,
          incarnation INTEGER NOT NULL,
          kind TEXT NOT NULL,
          version TEXT NOT NULL,
          host TEXT NOT NULL,
          address TEXT NOT NULL,
          milli_cpus INTEGER NOT NULL,
          memory INTEGER NOT NULL,
          milli_gpus INTEGER NOT NULL,
          counters TEXT NOT NULL,
          labels TEXT NOT NULL,
          condition INTEGER NOT NULL,
          draining INTEGER NOT NULL,
          last_seen INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """;
}
