namespace Artel.Protocol.Maps;

/// <summary>Collects the mistakes of one map, each once, up to a bound; beyond it the map is read no further.</summary>
internal sealed class MistakeLog(string file)
{
    private const int MaxTold = 10 * JobSpecs.MaxMistakes;

    private readonly HashSet<MapMistake> _mistakes = [];
    private readonly HashSet<MapNode> _spoiled = [];
    private int _told;
    private bool _isCut;

    /// <summary>At a node. One in <c>defaults</c> is met by many tasks and kept once.</summary>
    public void Add(MapNode at, string problem, string remedy = "") => Add(at.Line, at.Column, problem, remedy);

    public void Add(int line, int column, string problem, string remedy = "")
    {
        var isFull = _mistakes.Count >= JobSpecs.MaxMistakes;
        if (!isFull)
            _mistakes.Add(new MapMistake(file, line, column, problem, remedy));

        // What aliases repeat is the same mistake each time, and costs as much to find.
        if (isFull || ++_told > MaxTold)
        {
            _isCut = true;
            throw new TooManyMistakesException();
        }
    }

    /// <summary>As <see cref="Add(MapNode, string, string)"/>, and the rules have nothing more to say about this value.</summary>
    public void Spoil(MapNode at, string problem, string remedy = "")
    {
        Add(at, problem, remedy);
        Silence(at);
    }

    /// <summary>What the rules say about this value would follow from a mistake that is known already.</summary>
    public void Silence(MapNode node) => _spoiled.Add(node);

    public bool IsSilenced(MapNode node) => _spoiled.Contains(node);

    /// <summary>In the order of the text.</summary>
    public IReadOnlyList<MapMistake> InOrder()
    {
        var mistakes = _mistakes.OrderBy(mistake => mistake.Line).ThenBy(mistake => mistake.Column).ToList();
        if (_isCut)
        {
            var last = mistakes[^1];
            mistakes.Add(last with { Problem = "the map is not read further: it has too many mistakes", Remedy = "correct these first" });
        }

        return mistakes;
    }
}

/// <summary>Ends the reading of a map from any depth once it has more mistakes than anyone would read. Caught in <see cref="MapParser"/> and nowhere else.</summary>
internal sealed class TooManyMistakesException : Exception
{
}
