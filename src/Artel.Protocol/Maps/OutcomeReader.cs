namespace Artel.Protocol.Maps;

/// <summary>Reads what something waits for: a word, or a table that says with which outcome it is content.</summary>
internal sealed class OutcomeReader(MistakeLog log)
{
    private static readonly string[] Words = ["success", "any"];
    private readonly ValueReader _values = new(log);

    /// <summary>The word, and whether any outcome will do. The word is empty, with the mistake logged, where there is none.</summary>
    /// <param name="item"><c>fold</c>, or <c>{ task: fold, outcome: any }</c>.</param>
    /// <param name="what">The key that it stands under.</param>
    /// <param name="key">What the table calls the word.</param>
    public (string Word, bool AnyOutcome) Read(MapNode item, string what, string key)
    {
        if (item is not MapTable table)
        {
            _ = _values.Text(item, what, out var plain);
            return (plain, false);
        }

        var (word, any) = ("", false);
        foreach (var entry in table.Entries)
        {
            if (entry.Key.Text == key)
                _ = _values.Text(entry.Value, key, out word);
            else if (entry.Key.Text == "outcome")
                any = IsAny(entry.Value);
            else
                log.Add(entry.Key, $"unknown key '{Quote.Shorten(entry.Key.Text)}' in {what}", MapKeys.Remedy(entry.Key.Text, [key, "outcome"]));
        }

        if (table.Find(key) is null)
            log.Spoil(table, $"{what} says no '{key}'", $"write it like {{ {key}: {(key == "job" ? "12" : "fold")}, outcome: any }}");

        if (word.Length == 0)
            log.Silence(table);

        return (word, any);
    }

    private bool IsAny(MapNode node)
    {
        if (_values.Text(node, "outcome", out var word) && !Words.Contains(word))
            log.Add(node, $"outcome is '{Quote.Shorten(word)}'", Nearest.Remedy(word, Words, "one of success, any"));

        return word == "any";
    }
}
