using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Artel.Protocol.Maps;

/// <summary>
/// Reads YAML into a tree with positions. Bounds what a small text can grow to: nesting, and what aliases repeat
/// (each alias counts as all that it stands for).
/// </summary>
internal sealed class MapTreeReader(MistakeLog log)
{
    private const string CoreTags = "tag:yaml.org,2002:";
    private const string CheckBefore = "check the indentation, brackets and quotes before this place";
    private const int MaxDepth = 32;
    private const long MaxWeight = 2L * JobLimits.MaxMapBytes;
    private readonly Dictionary<string, (MapNode Node, long Weight)> _anchors = new(StringComparer.Ordinal);

    /// <summary>The whole text as one tree. Null, with the mistake logged, where it is no single YAML document.</summary>
    public MapNode? Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            Next(parser);
            Next(parser);
            if (parser.Current is not DocumentStart)
            {
                log.Add(1, 1, "the map is empty", "write at least one task, like 'tasks: [[echo, hello]]'");
                return null;
            }

            Next(parser);
            var (root, _) = ReadNode(parser, 0);
            Next(parser);
            Next(parser);
            if (parser.Current is DocumentStart second)
            {
                log.Add(Line(second.Start), Column(second.Start), "a second document ('---') begins here", "one file is one map");
                return null;
            }

            return root;
        }
        catch (Refusal refusal)
        {
            log.Add(Line(refusal.At), Column(refusal.At), refusal.Message, refusal.Remedy);
            return null;
        }
        catch (YamlException e)
        {
            if (FindTab(text, e) is { } tab)
                log.Add(tab, 1, "a tab as indentation, which YAML does not allow", "indent with spaces");
            else
                log.Add(Line(e.Start), Column(e.Start), $"this is not YAML: {Problem(e)}", CheckBefore);

            return null;
        }
    }

    /// <summary>Reads the node at the parser's event and leaves the parser on its last event.</summary>
    private (MapNode Node, long Weight) ReadNode(Parser parser, int depth)
    {
        var at = parser.Current ?? throw new Refusal(Mark.Empty, "this is not YAML: it ends too early", CheckBefore);
        if (depth > MaxDepth)
            throw new Refusal(at.Start, $"nested more than {MaxDepth} deep", "a map has lists in lists only a few levels deep");

        if (at is AnchorAlias alias)
            return Resolve(alias);

        // The parser may close a list or table where the grammar has a value ('[: ').
        if (at is not NodeEvent start)
            throw new Refusal(at.Start, "this is not YAML: a value is missing", CheckBefore);

        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific && start.Tag.Value != CoreTags + "str")
            throw new Refusal(at.Start, $"the tag '{Quote.Shorten(start.Tag.Value.Replace(CoreTags, "!!", StringComparison.Ordinal))}'", "a map has no tags: write the plain value");

        var read = start switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart => ReadList(parser, start, depth),
            _ => ReadTable(parser, start, depth),
        };
        if (read.Weight > MaxWeight)
            throw new Refusal(at.Start, "too large once its aliases are followed", "say the same with an array or with 'defaults'");

        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = read;

        return read;
    }

    /// <summary>
    /// The parser's next event. It gives up on some broken texts by an exception that is no YamlException (a comment in
    /// the middle of an open bracket is one): to the writer of the map that is one mistake like another.
    /// </summary>
    private static ParsingEvent? Next(Parser parser)
    {
        try
        {
            return parser.MoveNext() ? parser.Current : null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or InvalidCastException)
        {
            var at = parser.Current?.End ?? Mark.Empty;
            throw new Refusal(at, "this is not YAML", "check the indentation, brackets and quotes after this place");
        }
    }

    private (MapNode Node, long Weight) Resolve(AnchorAlias alias)
    {
        // An anchor is known only when its node is complete, so nothing contains itself.
        if (_anchors.TryGetValue(alias.Value.Value, out var found))
            return found;

        throw new Refusal(
            alias.Start,
            $"unknown alias '*{Quote.Shorten(alias.Value.Value)}'",
            $"define it before with '&{Quote.Shorten(alias.Value.Value)}', or quote the text if it is none");
    }

    private static (MapNode Node, long Weight) ReadScalar(Scalar scalar)
    {
        var isPlain = scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty;
        return (new MapScalar(Line(scalar.Start), Column(scalar.Start), scalar.Value, isPlain), scalar.Value.Length + 1);
    }

    private (MapNode Node, long Weight) ReadList(Parser parser, NodeEvent start, int depth)
    {
        var items = new List<MapNode>();
        var weight = 1L;
        while (Next(parser) is not SequenceEnd)
        {
            var item = ReadNode(parser, depth + 1);
            items.Add(item.Node);
            weight = Heavier(weight, item.Weight, start);
        }

        return (new MapList(Line(start.Start), Column(start.Start), items), weight);
    }

    private (MapNode Node, long Weight) ReadTable(Parser parser, NodeEvent start, int depth)
    {
        var entries = new List<MapEntry>();
        var seen = new Dictionary<string, MapScalar>(StringComparer.Ordinal);
        var weight = 1L;
        while (Next(parser) is not MappingEnd)
        {
            var (keyNode, keyWeight) = ReadNode(parser, depth + 1);
            Next(parser);
            var (value, valueWeight) = ReadNode(parser, depth + 1);
            weight = Heavier(weight, keyWeight + valueWeight, start);
            if (keyNode is not MapScalar key)
                log.Add(keyNode, $"a key is {keyNode.Kind}", "a key is a single word");
            else if (seen.TryGetValue(key.Text, out var first))
                log.Add(key, $"duplicate key '{Quote.Shorten(key.Text)}'", $"it is given in line {first.Line} already");
            else
            {
                seen.Add(key.Text, key);
                entries.Add(new MapEntry(key, value));
            }
        }

        return (new MapTable(Line(start.Start), Column(start.Start), entries), weight);
    }

    private static long Heavier(long weight, long more, NodeEvent start)
    {
        weight += more;
        return weight <= MaxWeight
            ? weight
            : throw new Refusal(start.Start, "too large once its aliases are followed", "say the same with an array or with 'defaults'");
    }

    private static int Line(Mark mark) => (int)Math.Max(1, mark.Line);

    private static int Column(Mark mark) => (int)Math.Max(1, mark.Column);

    private static string Problem(YamlException e)
    {
        // The parser's words may carry the place again, in a form of its own.
        var words = e.Message;
        var place = words.IndexOf("): ", StringComparison.Ordinal);
        if (words.StartsWith('(') && place >= 0)
            words = words[(place + 3)..];

        words = Quote.Shorten(words.TrimEnd('.', ' '), 200);
        return words.Length > 1 ? char.ToLowerInvariant(words[0]) + words[1..] : words;
    }

    /// <summary>The line that is indented by a tab, where that is what the parser stumbled over.</summary>
    private static int? FindTab(string text, YamlException e)
    {
        if (!e.Message.Contains(" tab", StringComparison.Ordinal))
            return null;

        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (number >= e.Start.Line && line[..^line.TrimStart().Length].Contains('\t'))
                return number;
        }

        return null;
    }

    /// <summary>Ends the reading from any depth; caught in <see cref="Read"/> and nowhere else.</summary>
    private sealed class Refusal(Mark at, string problem, string remedy) : Exception(problem)
    {
        public Mark At => at;

        public string Remedy => remedy;
    }
}
