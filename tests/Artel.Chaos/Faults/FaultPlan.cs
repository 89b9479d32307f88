namespace Artel.Chaos.Faults;

/// <summary>A fault to come.</summary>
/// <param name="Wait">From the end of the one before.</param>
/// <param name="Length">How long it lasts.</param>
internal sealed record Fault(string Kind, TimeSpan Wait, TimeSpan Length);

/// <summary>The faults of one thing, one after the other, without end. The same seed gives the same ones.</summary>
/// <param name="kinds">One named twice comes twice as often.</param>
/// <param name="shortestWait">Between two faults; the longest is three times that.</param>
internal sealed class FaultPlan(int seed, TimeSpan lostAfter, TimeSpan shortestWait, params string[] kinds)
{
    public IEnumerable<Fault> Faults()
    {
        // Half of the lengths are around the time after which a node is lost, where deciding is hardest.
        var chance = new Random(seed);
        while (true)
        {
            var wait = shortestWait * (1 + (2 * chance.NextDouble()));
            var length = chance.Next(2) == 0 ? lostAfter * (0.6 + (0.8 * chance.NextDouble())) : lostAfter * (0.1 + (2.4 * chance.NextDouble()));
            yield return new Fault(kinds[chance.Next(kinds.Length)], wait, length);
        }
    }
}
