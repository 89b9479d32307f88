namespace Artel.Server.Storage.Migrations;

/// <summary>The audit log: who did what to what, with what outcome. Append-only.</summary>
internal static class Migration0012
{
    //   audit        a row for a call that changes something, written before its effect or with it, and one for its outcome: `of` is
    //                then the position of the first. Refusals, logins and the server's own starts and stops are one row. outcome is
    //                'ok', or a gRPC status. left_out: how many refusals were not recorded one by one.
    //   audit_first  rows before this position may be deleted. It only grows, and the oldest rows go with it, nothing else.
    public const string Sql = """
        CREATE TABLE audit(
          position INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          of INTEGER,
          call TEXT,
          user TEXT,
          token TEXT,
          address TEXT,
          subject TEXT,
          outcome TEXT,
          detail TEXT,
          left_out INTEGER
        ) STRICT;
        CREATE INDEX audit_outcomes ON audit(of) WHERE of IS NOT NULL;

        CREATE TABLE audit_first(
          id INTEGER PRIMARY KEY CHECK (id = 1),
          first INTEGER NOT NULL
        ) STRICT;
        INSERT INTO audit_first(id, first) VALUES(1, 1);

        CREATE TRIGGER audit_is_not_inserted_before BEFORE INSERT ON audit
        WHEN NEW.position IS NOT NULL AND NEW.position >= 0 AND NEW.position <= (SELECT coalesce(max(position), 0) FROM audit)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_is_not_updated BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
        WHEN OLD.position >= (SELECT first FROM audit_first)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_first_only_grows BEFORE UPDATE ON audit_first
        WHEN NEW.first < OLD.first
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_first_stays BEFORE DELETE ON audit_first
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        """;
}
