namespace Artel.Cli.Commands;

/// <summary>What a mistyped word was meant to be.</summary>
internal static class Spelling
{
    /// <summary>The candidate that is at most two slips away, or null.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        var (slips, nearest) = candidates.Select(c => (Slips: Distance(word, c), Word: c)).OrderBy(c => c.Slips).FirstOrDefault();
        return nearest is not null && slips <= Math.Min(2, nearest.Length - 1) ? nearest : null;
    }

    /// <summary>Letters to add, leave out or change, as in Levenshtein 1966.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
