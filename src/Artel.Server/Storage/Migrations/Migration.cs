namespace Artel.Server.Storage.Migrations;

/// <summary>
/// One step of the schema. Steps are numbered without gaps and never changed once released: what comes later is a further step.
/// To add one: a file Migration000N.cs beside the others, and its line below.
/// </summary>
internal sealed record Migration(int Version, string Sql)
{
    /// <summary>All steps, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } =
    [
        new(1, Migration0001.Sql),
        new(2, Migration0002.Sql),
        new(3, Migration0003.Sql),
        new(4, Migration0004.Sql),
        new(5, Migration0005.Sql),
        new(6, Migration0006.Sql),
        new(7, Migration0007.Sql),
        new(8, Migration0008.Sql),
        new(9, Migration0009.Sql),
        new(10, Migration0010.Sql),
        new(11, Migration0011.Sql),
        new(12, Migration0012.Sql),
        new(13, Migration0013.Sql),
        new(14, Migration0014.Sql),
        new(15, Migration0015.Sql),
    ];

    /// <summary>The schema that this program works with.</summary>
    public static int Latest => All[^1].Version;
}
