namespace Artel.EndToEnd.Tests;

/// <summary>Tests that measure, or put the whole machine under load: no other test of this program runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
