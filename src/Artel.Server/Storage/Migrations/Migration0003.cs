namespace Artel.Server.Storage.Migrations;

/// <summary>Where a retry is not to go, and until when a node drains.</summary>
internal static class Migration0003
{
    //   histories.failed_on   nodes that the next attempt avoids, separated by spaces; NULL: none.
    //   nodes.drain_deadline  of a draining node; NULL: none.
    public const string Sql = """
        ALTER TABLE histories ADD COLUMN failed_on TEXT;
        ALTER TABLE nodes ADD COLUMN drain_deadline INTEGER;
        """;
}
