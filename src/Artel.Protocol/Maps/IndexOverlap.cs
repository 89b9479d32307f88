using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>
/// Finds an index that a set names twice. Two tasks with one index would write over each other's files, so it is a
/// mistake, found without writing any range out.
/// </summary>
internal static class IndexOverlap
{
    /// <summary>What is wrong, or null. Every range has first ≤ last and a step of 0 or more.</summary>
    /// <param name="comparisons">
    /// Ranges with steps may lie inside each other without meeting ('1-9:2,2-10:2'), so such pairs are compared: no more of them than this for all sets of a
    /// job. What would need more is refused instead.
    /// </param>
    public static string? Find(IndexSet set, ref int comparisons)
    {
        if (set.Ranges.Count == 1)
            return null;

        var ranges = set.Ranges.OrderBy(range => range.First).ToArray();
        var open = new List<IndexRange>();
        foreach (var range in ranges)
        {
            open.RemoveAll(before => before.Last < range.First);
            comparisons -= open.Count;
            if (comparisons < 0)
                return "too many of its ranges lie across each other: write them one after the other";

            foreach (var before in open)
            {
                if (Shared(before, range) is { } index)
                    return $"index {index} is in it twice: name every index once";
            }

            open.Add(range);
        }

        return null;
    }

    /// <summary>The smallest index of both, where the left one begins first and ends not before the right one begins, from one linear congruence (the Chinese remainder theorem).</summary>
    private static long? Shared(IndexRange left, IndexRange right)
    {
        if (IndexSets.Step(left) == 1 && IndexSets.Step(right) == 1)
            return right.First;

        var (a, m) = ((Int128)left.First, (Int128)IndexSets.Step(left));
        var (b, n) = ((Int128)right.First, (Int128)IndexSets.Step(right));
        var (gcd, inverse) = Bezout(m, n);
        if ((b - a) % gcd != 0)
            return null;

        // a + m·k ≡ b (mod n)
        var period = n / gcd;
        var k = (b - a) / gcd % period * (inverse % period) % period;
        k = k < 0 ? k + period : k;
        var index = a + (m * k);
        var cycle = m * period;
        if (index < b)
            index += (b - index + cycle - 1) / cycle * cycle;

        return index <= left.Last && index <= right.Last ? (long)index : null;
    }

    /// <summary>gcd(m, n), and x with m·x ≡ gcd (mod n).</summary>
    private static (Int128 Gcd, Int128 X) Bezout(Int128 m, Int128 n)
    {
        var (x, nextX) = ((Int128)1, (Int128)0);
        while (n != 0)
        {
            var quotient = m / n;
            (m, n) = (n, m % n);
            (x, nextX) = (nextX, x - (quotient * nextX));
        }

        return (m, x);
    }
}
