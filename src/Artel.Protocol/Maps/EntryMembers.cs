using System.Globalization;
using System.Text.Json;

namespace Artel.Protocol.Maps;

/// <summary>
/// Members that every entry must have, as a tree of their names: an entry is looked through once for all of them, which costs what the entry is long, not that
/// times the number of members.
/// </summary>
internal sealed class EntryMembers
{
    /// <summary>No JSON that is read is nested deeper.</summary>
    private const int MaxDepth = 64;

    private readonly Member _root = new();

    public bool IsEmpty => _root.Wanted == 0;

    /// <param name="mark">What names the member.</param>
    /// <param name="from">Where in its path the name of the member begins.</param>
    /// <param name="place">Where a member that is missing is reported.</param>
    public void Add(EntryMark mark, int from, SpecPlace place)
    {
        var path = new List<Member> { _root };
        for (var i = from; i < mark.Path.Count && i < from + MaxDepth + 1; i++)
            path.Add(path[^1].Inner(mark.Path[i]));

        if (path[^1].Report is not null)
            return;

        path[^1].Report = new Report(mark.ToString(), place, string.Join('.', mark.Path.Skip(from)));
        path.ForEach(m => m.Wanted++);
    }

    /// <summary>Which members an entry lacks. Each is given once, and not looked for in other entries.</summary>
    /// <param name="entry">JSON.</param>
    public IReadOnlyList<Report> TakeMissing(string entry)
    {
        var missing = new List<Report>();
        using var document = JsonDocument.Parse(entry);
        _root.TakeMissing(document.RootElement, missing);
        return missing;
    }

    /// <param name="Mark">As it is written.</param>
    /// <param name="Path">The member's name within the entry.</param>
    public sealed record Report(string Mark, SpecPlace Place, string Path);

    private sealed class Member
    {
        private Dictionary<string, Member>? _inner;

        /// <summary>The members of <see cref="_inner"/> that can be places in a list. Made when the first list is met.</summary>
        private Dictionary<int, List<Member>>? _places;

        public Report? Report { get; set; }

        /// <summary>Reports here and further in.</summary>
        public int Wanted { get; set; }

        public Member Inner(string name)
        {
            _inner ??= new Dictionary<string, Member>(StringComparer.Ordinal);
            if (!_inner.TryGetValue(name, out var inner))
                _inner[name] = inner = new Member();

            return inner;
        }

        public void TakeMissing(JsonElement value, List<Report> missing)
        {
            var before = missing.Count;
            var found = new HashSet<Member>();
            if (value.ValueKind == JsonValueKind.Object)
            {
                // Of a name that is given twice the last one counts.
                var last = new Dictionary<Member, JsonElement>();
                foreach (var property in value.EnumerateObject())
                {
                    if (_inner is not null && _inner.TryGetValue(property.Name, out var inner))
                        last[inner] = property.Value;
                }

                foreach (var (inner, element) in last)
                    Look(inner, element);
            }
            else if (value.ValueKind == JsonValueKind.Array && _inner is not null)
            {
                var place = 0;
                foreach (var element in value.EnumerateArray())
                {
                    foreach (var inner in Places().GetValueOrDefault(place++) ?? [])
                        Look(inner, element);
                }
            }

            foreach (var (name, inner) in _inner?.ToArray() ?? [])
            {
                if (found.Contains(inner))
                    continue;

                // Not looked for again: so what is looked for here was found in every entry before, and is no more than what the entry holds.
                inner.TakeAll(missing);
                _inner!.Remove(name);
                _places = null;
            }

            Wanted -= missing.Count - before;

            void Look(Member inner, JsonElement element)
            {
                found.Add(inner);
                if (inner.Wanted > 0)
                    inner.TakeMissing(element, missing);
            }
        }

        private void TakeAll(List<Report> missing)
        {
            if (Report is not null)
                missing.Add(Report);

            Report = null;
            Wanted = 0;
            foreach (var inner in _inner?.Values ?? Enumerable.Empty<Member>())
                inner.TakeAll(missing);

            _inner = null;
        }

        private Dictionary<int, List<Member>> Places()
        {
            if (_places is not null)
                return _places;

            _places = [];
            foreach (var (name, member) in _inner!)
            {
                if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
                    continue;

                if (!_places.TryGetValue(place, out var members))
                    _places[place] = members = [];

                members.Add(member);
            }

            return _places;
        }
    }
}
