namespace Artel.Protocol.Maps;

/// <summary>Collects the mistakes of one map, each once, up to a bound.</summary>
internal sealed class MistakeLog(string file)
{
    private readonly HashSet<MapMistake> _mistakes = [];
    private readonly HashSet<MapNode> _spoiled = [];
    private int _dropped;

    /// <summary>At a node. One in <c>defaults</c> is met by many tasks and kept once.</summary>
    public void Add(MapNode at, string problem, string remedy = "") => Add(at.Line, at.Column, problem, remedy);

    public void Add(int line, int column, string problem, string remedy = "")
    {
        var mistake = new MapMistake(file, line, column, problem, remedy);
        if (_mistakes.Contains(mistake))
            return;

        if (_mistakes.Count >= JobSpecs.MaxMistakes)
            _dropped++;
        else
            _mistakes.Add(mistake);
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
        if (_dropped > 0)
        {
            var last = mistakes[^1];
            mistakes.Add(last with { Problem = $"{IndexSets.Plain(_dropped)} more mistakes are not shown", Remedy = "correct these first" });
        }

        return mistakes;
    }
}
