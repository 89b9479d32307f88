namespace Artel.Protocol.Maps;

/// <summary>Finds the word someone meant.</summary>
internal static class Nearest
{
    // A map may have a million names; the search stays cheap, and a slip is mostly near the top anyway.
    private const int MaxCandidates = 2000;

    // The distance of two words costs the product of their lengths, and nobody mistypes a long one by a letter a word.
    private const int MaxLength = 64;

    /// <summary>The closest candidate, or null where none is close: about one slip per three letters.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        if (word.Length > MaxLength)
            return null;

        string? best = null;
        var bestDistance = word.Length < 2 ? 0 : Math.Max(1, word.Length / 3) + 1;
        foreach (var candidate in candidates.Take(MaxCandidates))
        {
            if (Math.Abs(candidate.Length - word.Length) >= bestDistance)
                continue;

            var distance = Distance(word, candidate);
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }

        return best;
    }

    /// <summary>"did you mean 'x'?", or what else to do.</summary>
    public static string Remedy(string word, IEnumerable<string> candidates, string otherwise) =>
        To(word, candidates) is { } near ? $"did you mean '{near}'?" : otherwise;

    /// <summary>Insertions, deletions, replacements and swaps of neighbours, letter case aside.</summary>
    private static int Distance(string left, string right)
    {
        var previous = new int[right.Length + 1];
        var current = new int[right.Length + 1];
        var beforePrevious = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
            previous[j] = j;

        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = Same(left[i - 1], right[j - 1]);
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                    current[j] = Math.Min(current[j], beforePrevious[j - 2] + 1);
            }

            (beforePrevious, previous, current) = (previous, current, beforePrevious);
        }

        return previous[right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
