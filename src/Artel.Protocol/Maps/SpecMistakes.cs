namespace Artel.Protocol.Maps;

/// <summary>Collects what the rules find, up to a bound.</summary>
internal sealed class SpecMistakes
{
    private readonly List<SpecMistake> _found = [];

    public IReadOnlyList<SpecMistake> Found => _found;

    public bool IsFull => _found.Count >= JobSpecs.MaxMistakes;

    public void Add(SpecPlace place, string problem, string remedy = "")
    {
        if (!IsFull)
            _found.Add(new SpecMistake(place, problem, remedy));
    }
}
