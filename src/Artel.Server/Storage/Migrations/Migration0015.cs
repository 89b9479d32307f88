namespace Artel.Server.Storage.Migrations;

/// <summary>Scattered tasks that ended together are one row, and events are found by job.</summary>
internal static class Migration0015
{
    //   task_ends.tasks   which tasks from first to last the row is about (TaskSetBlob); NULL means all of them.
    //                     No task is in two rows.
    //   task_ends.count   how many these are; NULL means all.
    public const string Sql = """
        ALTER TABLE task_ends ADD COLUMN tasks BLOB;
        ALTER TABLE task_ends ADD COLUMN count INTEGER;
        CREATE INDEX events_by_job ON events(job, position) WHERE job IS NOT NULL;
        """;
}
