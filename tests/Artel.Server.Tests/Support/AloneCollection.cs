namespace Artel.Server.Tests.Support;

/// <summary>Tests that measure times, or the memory of the whole process: no other test of this program runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
