using Artel.Protocol.V1;
using Google.Protobuf.Collections;

namespace Artel.Protocol.Maps;

/// <summary>What must hold for <c>after</c>: the names exist, and no task waits for itself, directly or through others.</summary>
/// <remarks>
/// A node's list counts too: its tasks start in their order, so each waits for the start of the one before it. A
/// task that is <c>after</c> a later one of its own list would never start.
/// </remarks>
internal sealed class OrderRules
{
    private const int NoTemplate = -1;

    /// <summary>More cycles than this are not looked for: each costs its length, and the first ones are taken out first anyway.</summary>
    private const int MaxCycles = 10;

    private readonly SpecMistakes _mistakes;
    private readonly IReadOnlyList<long?> _counts;
    private int _cycles;

    // Places of the edges of one template within their keys: mistakes come template by template.
    private (int Template, int[] Places) _placesOf = (NoTemplate, []);
    private readonly List<TaskTemplate> _templates = [];
    private readonly List<(int? Section, int Item)> _places = [];

    // The template before it in its node's list.
    private readonly List<int> _behind = [];
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);

    private OrderRules(IReadOnlyList<long?> counts, SpecMistakes mistakes) => (_counts, _mistakes) = (counts, mistakes);

    /// <param name="job">The job.</param>
    /// <param name="counts">How many tasks each template makes; null for one whose array or entries are wrong.</param>
    /// <param name="mistakes">Gets what is wrong.</param>
    public static void Check(JobSpec job, IReadOnlyList<long?> counts, SpecMistakes mistakes)
    {
        var rules = new OrderRules(counts, mistakes);
        for (var i = 0; i < job.Sections.Count; i++)
            rules.Take(job.Sections[i].Tasks, i);

        rules.Take(job.Tasks, null);
        rules.CheckNames();
        rules.CheckCycles();
    }

    private void Take(RepeatedField<TaskTemplate> tasks, int? section)
    {
        for (var i = 0; i < tasks.Count; i++)
        {
            _behind.Add(section is null || i == 0 ? NoTemplate : _templates.Count - 1);
            _places.Add((section, i));
            _templates.Add(tasks[i]);
            if (tasks[i].Name.Length > 0)
                _byName.TryAdd(tasks[i].Name, _templates.Count - 1);
        }
    }

    private void CheckNames()
    {
        for (var t = 0; t < _templates.Count && !_mistakes.IsFull; t++)
        {
            var after = _templates[t].After;
            for (var i = 0; i < after.Count && !_mistakes.IsFull; i++)
            {
                if (!_byName.TryGetValue(after[i].Name, out var other))
                {
                    _mistakes.Add(
                        Place(t, i),
                        $"no task is named '{Quote.Shorten(after[i].Name)}'",
                        _mistakes.Suggest(after[i].Name, _byName.Keys, "after takes names of tasks of this map"));
                }
                else if (after[i].Each)
                {
                    CheckEach(t, i, other);
                }
                else if (CountOf(other) == 0
                    && (_templates[other].After.Count > 0 || _places[other].Section is not null))
                {
                    // It has no task that could wait in place of this one.
                    _mistakes.Add(
                        Place(t, i),
                        $"'{Quote.Shorten(after[i].Name)}' has no entries, and waits for others itself",
                        "wait for those, or leave out what has nothing to do");
                }
            }
        }
    }

    private void CheckEach(int template, int item, int other)
    {
        if (_places[template].Section is not null)
        {
            _mistakes.Add(Place(template, item), "after_each in a node's list, whose tasks start in their order", "put the task under 'tasks'");
            return;
        }

        if (CountOf(template) is { } own && CountOf(other) is { } others && own != others)
        {
            _mistakes.Add(
                Place(template, item),
                $"after_each: {Name(template)} has {IndexSets.Plain(own)} tasks, '{Quote.Shorten(_templates[other].Name)}' has {IndexSets.Plain(others)}",
                "arrays of the same length, or 'after' to wait for all of it");
        }
    }

    private long? CountOf(int template) => template < _counts.Count ? _counts[template] : null;

    /// <summary>Depth first, with a stack of its own: a chain may be a million tasks long.</summary>
    private void CheckCycles()
    {
        var done = new bool[_templates.Count];
        var depthOf = new Dictionary<int, int>();
        var path = new List<(int Template, int Edge)>();
        for (var start = 0; start < _templates.Count && !_mistakes.IsFull && _cycles < MaxCycles; start++)
        {
            if (!done[start])
                Walk(start, done, depthOf, path);
        }
    }

    private void Walk(int start, bool[] done, Dictionary<int, int> depthOf, List<(int Template, int Edge)> path)
    {
        path.Add((start, -1));
        depthOf[start] = 0;
        while (path.Count > 0 && _cycles < MaxCycles)
        {
            var (template, edge) = path[^1];
            edge++;
            if (edge > _templates[template].After.Count)
            {
                done[template] = true;
                depthOf.Remove(template);
                path.RemoveAt(path.Count - 1);
                continue;
            }

            path[^1] = (template, edge);
            var next = Target(template, edge);
            if (next == NoTemplate || done[next])
                continue;

            if (depthOf.TryGetValue(next, out var depth))
                Report(path[depth..]);
            else
            {
                depthOf[next] = path.Count;
                path.Add((next, -1));
            }
        }
    }

    /// <summary>Edges of a template: its `after` in their order, then the one before it in its node's list.</summary>
    private int Target(int template, int edge)
    {
        var after = _templates[template].After;
        if (edge == after.Count)
            return _behind[template];

        return _byName.GetValueOrDefault(after[edge].Name, NoTemplate);
    }

    private void Report(List<(int Template, int Edge)> cycle)
    {
        _cycles++;

        // Lists alone make no cycle, so there is a step by `after` to begin with; it is also the place to show.
        var first = cycle.FindIndex(step => IsAfter(step));
        cycle = [.. cycle[first..], .. cycle[..first]];
        var place = Place(cycle[0].Template, cycle[0].Edge);
        if (cycle.Count == 1)
        {
            _mistakes.Add(place, $"{Name(cycle[0].Template)} waits for itself", "take its own name out of 'after'");
            return;
        }

        var steps = new List<string>();
        var usesList = false;
        for (var i = 0; i < cycle.Count; i++)
        {
            // A run through a list shows only its ends.
            var isInside = i > 0 && !IsAfter(cycle[i - 1]) && !IsAfter(cycle[i]);
            usesList |= !IsAfter(cycle[i]);
            if (!isInside)
                steps.Add(Name(cycle[i].Template));
        }

        steps.Add(steps[0]);
        if (steps.Count > 12)
            steps = [.. steps[..6], "…", .. steps[^5..]];

        _mistakes.Add(
            place,
            $"tasks wait for each other in a circle: {string.Join(" → ", steps)}",
            usesList
                ? "take one step out of it; the tasks of a node's list start in their order"
                : "take one of these names out of 'after'");
    }

    private bool IsAfter((int Template, int Edge) step) => step.Edge < _templates[step.Template].After.Count;

    private string Name(int template)
    {
        var name = _templates[template].Name;
        if (name.Length > 0)
            return $"'{Quote.Shorten(name)}'";

        var (section, item) = _places[template];
        return $"'{new SpecPlace(section, item, "")}'";
    }

    /// <summary>A map has two keys for what the wire has one list of.</summary>
    private SpecPlace Place(int template, int item)
    {
        var after = _templates[template].After;
        if (_placesOf.Template != template)
        {
            var (each, whole) = (0, 0);
            _placesOf = (template, [.. after.Select(d => d.Each ? each++ : whole++)]);
        }

        return new SpecPlace(_places[template].Section, _places[template].Item, after[item].Each ? "after_each" : "after", null, _placesOf.Places[item]);
    }
}
