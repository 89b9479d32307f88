namespace Artel.Server.Storage.Migrations;

/// <summary>Join tokens that are bound to one node: its id. NULL means that any node may join with it.</summary>
internal static class Migration0010
{
    public const string Sql = "ALTER TABLE tokens ADD COLUMN node TEXT;";
}
