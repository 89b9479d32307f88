namespace Artel.Server.Storage.Migrations;

/// <summary>Scattered tasks that ended together are one row, and events are found by job.</summary>
internal static class Migration0015
{
    //   task_ends.tasks   which tasks from first to last the row is about (TaskSetBlob); NULL: all of them. Rows do not share a task.
    //   task_ends.count   how many these are; NULL: all.
    public const string Sql = """
        ALTER TABLE task_ends ADD COLUMN tasks BLOB;
        ALTER TABLE task_ends ADD COLUMN count INTEGER;
        CREATE INDEX events_by_job ON events(job, position) WHERE job IS NOT NULL;
        """;
}
