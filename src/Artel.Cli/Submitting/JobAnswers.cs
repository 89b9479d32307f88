using System.CommandLine;

namespace Artel.Cli.Submitting;

/// <summary>What was said to each option, where several places may say it: the command line, then the lines of a script from the last to the first.</summary>
/// <param name="layers">The first counts most.</param>
internal sealed class JobAnswers(IReadOnlyList<ParseResult> layers)
{
    public bool Has(Option option) => layers.Any(l => l.GetResult(option) is { Implicit: false });

    /// <summary>The word that counts most, or the option's default.</summary>
    public T? Get<T>(Option<T> option)
    {
        var layer = layers.FirstOrDefault(l => l.GetResult(option) is { Implicit: false }) ?? layers[0];
        return layer.GetValue(option);
    }

    /// <summary>All pairs; of one key the word that counts most.</summary>
    public Dictionary<string, T> Pairs<T>(Option<Dictionary<string, T>> option)
    {
        var all = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var layer in layers.Reverse().Where(l => l.GetResult(option) is not null))
        {
            foreach (var (key, value) in layer.GetValue(option) ?? [])
                all[key] = value;
        }

        return all;
    }

    /// <summary>All words, each once.</summary>
    public IEnumerable<string> Words(Option<string[]> option) =>
        layers.Reverse().Where(l => l.GetResult(option) is not null).SelectMany(l => l.GetValue(option) ?? []).Distinct(StringComparer.Ordinal);
}
