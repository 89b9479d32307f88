using Artel.Node.Work;
using Artel.Protocol.V1;

namespace Artel.Node.Tests.Leases;

/// <summary>Grants of an ordinary template, and a node with room for them.</summary>
internal static class Grants
{
    public static FreeResources Plenty { get; } = new(new Resources { MilliCpus = 1_000_000 }, [], []);

    public static GrantedRange Of(long first, int count) => new(
        new JobTemplate(1, new TaskTemplate()),
        new Grant { FirstTask = (int)first, Attempt = 1, Leases = Range(first, count) });

    public static LeaseRange Range(long first, int count = 1) =>
        new() { Epoch = 1, FirstSequence = first, Count = count };
}
