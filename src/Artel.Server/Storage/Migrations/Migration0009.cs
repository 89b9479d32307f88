namespace Artel.Server.Storage.Migrations;

/// <summary>As which accounts a node runs tasks; empty: as the account of its agent.</summary>
internal static class Migration0009
{
    public const string Sql = "ALTER TABLE nodes ADD COLUMN run_as TEXT NOT NULL DEFAULT '';";
}
