using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>How many tasks with a tag may be in the hands of nodes, and how many are.</summary>
internal sealed class TagLimit(int most)
{
    public int Most { get; set; } = most;

    public int Used { get; set; }

    public int Room => Math.Max(0, Most - Used);

    /// <summary>Classes that were looked at while the limit was reached: they go on when it is not any more.</summary>
    public HashSet<TaskClass> HeldClasses { get; } = [];

    /// <summary>Nodes with a list, or tasks bound to them, that was looked at while the limit was reached.</summary>
    public HashSet<NodeId> HeldNodes { get; } = [];
}

/// <summary>The limits of tags over the whole cluster. Tags without one are not counted.</summary>
internal sealed class TagLimits
{
    private readonly SortedDictionary<string, TagLimit> _limits = new(StringComparer.Ordinal);

    public int Count => _limits.Count;

    /// <summary>By tag.</summary>
    public IEnumerable<KeyValuePair<string, TagLimit>> All => _limits;

    public TagLimit? Find(string tag) => _limits.GetValueOrDefault(tag);

    /// <summary>One that is new counts nothing yet.</summary>
    public void Set(string tag, int most)
    {
        if (_limits.TryGetValue(tag, out var limit))
        {
            limit.Most = most;
        }
        else
        {
            _limits[tag] = new TagLimit(most);
        }
    }

    public void Remove(string tag) => _limits.Remove(tag);

    /// <summary>Those of the tags that have a limit.</summary>
    public ImmutableArray<TagLimit> Of(ImmutableArray<string> tags) =>
        tags.IsEmpty || _limits.Count == 0 ? [] : [.. tags.Select(Find).OfType<TagLimit>()];
}
