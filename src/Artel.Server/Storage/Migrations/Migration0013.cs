namespace Artel.Server.Storage.Migrations;

/// <summary>Nodes on which a task could not be started.</summary>
internal static class Migration0013
{
    //   histories.not_started_on   nodes on which the task could not be started while others may, separated by spaces; NULL: none.
    public const string Sql = "ALTER TABLE histories ADD COLUMN not_started_on TEXT;";
}
