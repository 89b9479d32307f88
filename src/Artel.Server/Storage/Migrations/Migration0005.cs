namespace Artel.Server.Storage.Migrations;

/// <summary>Schedules, and what follows the end of jobs.</summary>
internal static class Migration0005
{
    //   schedules           decided: all times up to it are. Ids are never used twice, since request ids are made of them.
    //   schedule_documents  the submission, apart because it can be large and lists do not need it.
    //   schedule_runs       what the last times led to. With neither job nor reason: a job that is to be submitted, or was and is not noted.
    //   on_ends             what is to follow the end of a job, a row for each kind: 1 its command, 2 its webhook.
    //   endings             what has to follow an end that came, with the state and counts of it. A row goes when it is done.
    //                       tries: calls that failed.
    public const string Sql = """
        CREATE TABLE schedules(
          schedule INTEGER PRIMARY KEY AUTOINCREMENT,
          name TEXT NOT NULL UNIQUE,
          cron TEXT NOT NULL,
          zone TEXT NOT NULL,
          overlap INTEGER NOT NULL,
          missed INTEGER NOT NULL,
          user TEXT NOT NULL,
          job_name TEXT NOT NULL,
          task_count INTEGER NOT NULL,
          created INTEGER NOT NULL,
          paused INTEGER NOT NULL,
          decided INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE schedule_documents(
          schedule INTEGER PRIMARY KEY REFERENCES schedules,
          document BLOB NOT NULL
        ) STRICT;

        CREATE TABLE schedule_runs(
          run INTEGER PRIMARY KEY AUTOINCREMENT,
          schedule INTEGER NOT NULL REFERENCES schedules,
          at INTEGER NOT NULL,
          by_hand INTEGER NOT NULL,
          missed INTEGER NOT NULL,
          job INTEGER,
          reason TEXT
        ) STRICT;
        CREATE INDEX schedule_runs_by_schedule ON schedule_runs(schedule, run);
        CREATE INDEX schedule_runs_planned ON schedule_runs(run) WHERE job IS NULL AND reason IS NULL;

        CREATE TABLE on_ends(
          job INTEGER NOT NULL,
          kind INTEGER NOT NULL,
          on_success INTEGER NOT NULL,
          on_failure INTEGER NOT NULL,
          host TEXT,
          PRIMARY KEY(job, kind)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE endings(
          ending INTEGER PRIMARY KEY AUTOINCREMENT,
          job INTEGER NOT NULL,
          kind INTEGER NOT NULL,
          host TEXT,
          state INTEGER NOT NULL,
          ended INTEGER NOT NULL,
          total INTEGER NOT NULL,
          succeeded INTEGER NOT NULL,
          failed INTEGER NOT NULL,
          cancelled INTEGER NOT NULL,
          skipped INTEGER NOT NULL,
          tries INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX endings_by_host ON endings(kind, host, ending);
        """;
}
