namespace Artel.Protocol.Maps;

/// <summary>Collects what the rules find, up to a bound.</summary>
internal sealed class SpecMistakes
{
    /// <summary>To find the name that was meant takes longer than all else about a mistake.</summary>
    private const int MaxSuggestions = 10;

    private readonly List<SpecMistake> _found = [];
    private int _suggestions;

    /// <summary>How many pairs of ranges may still be compared in this job.</summary>
    public int Comparisons = SubmissionLimits.MaxComparedRanges;

    public IReadOnlyList<SpecMistake> Found => _found;

    public bool IsFull => _found.Count >= JobSpecs.MaxMistakes;

    /// <summary>"did you mean 'x'?" for the first few mistakes of this kind; then, or where nothing is near, what else to do.</summary>
    public string Suggest(string word, IEnumerable<string> candidates, string otherwise) =>
        ++_suggestions > MaxSuggestions ? otherwise : Nearest.Remedy(word, candidates, otherwise);

    public void Add(SpecPlace place, string problem, string remedy = "")
    {
        if (!IsFull)
            _found.Add(new SpecMistake(place, problem, remedy));
    }
}
