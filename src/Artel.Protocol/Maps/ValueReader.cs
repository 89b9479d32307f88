using System.Globalization;
using Duration = Google.Protobuf.WellKnownTypes.Duration;

namespace Artel.Protocol.Maps;

/// <summary>
/// Reads single values of a map. A value that is not of its kind is logged where it stands, and false comes back. Numbers
/// that a field can not hold become its ends, for the rules to say what the range is.
/// </summary>
internal sealed class ValueReader(MistakeLog log)
{
    /// <summary>Text, or a number or truth value as it is written.</summary>
    public bool Text(MapNode node, string what, out string text)
    {
        text = node is MapScalar { IsNull: false } scalar ? scalar.Text : "";
        if (node is MapScalar { IsNull: false })
            return true;

        if (node is MapScalar nothing)
        {
            log.Spoil(
                node,
                $"{what} is {(nothing.Text.Length == 0 ? "missing" : $"'{nothing.Text}', which means nothing in YAML")}",
                nothing.Text.Length == 0 ? "write a value, or '' for an empty text" : $"quote it to mean the text: '{nothing.Text}'");
        }
        else
            log.Spoil(node, $"{what} is {node.Kind}", "write a single value");

        return false;
    }

    public bool Truth(MapNode node, string what, out bool value)
    {
        var read = (node as MapScalar)?.AsBool;
        value = read ?? false;
        if (read is null)
            log.Spoil(node, $"{what} is {Shown(node)}", "write true or false");

        return read is not null;
    }

    public bool Whole(MapNode node, string what, out long value)
    {
        value = 0;
        if (node is MapScalar scalar && IsWhole(scalar.Text, out value))
            return true;

        log.Spoil(node, $"{what} is {Shown(node)}", "write a whole number");
        return false;
    }

    public bool Whole(MapNode node, string what, out int value)
    {
        var isRead = Whole(node, what, out long read);
        value = (int)Math.Clamp(read, int.MinValue, int.MaxValue);
        return isRead;
    }

    public bool Number(MapNode node, string what, out double value)
    {
        value = 0;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (node is MapScalar scalar && double.TryParse(scalar.Text, Style, CultureInfo.InvariantCulture, out value))
            return true;

        log.Spoil(node, $"{what} is {Shown(node)}", "write a number");
        return false;
    }

    public bool Time(MapNode node, string what, out Duration value)
    {
        value = new Duration();
        if (!Text(node, what, out var text))
            return false;

        if (!Durations.TryParse(text, out var duration, out var error))
        {
            log.Spoil(node, $"{what} {error}");
            return false;
        }

        value = Duration.FromTimeSpan(duration);
        return true;
    }

    public bool Moment(MapNode node, string what, DateTimeOffset now, out Google.Protobuf.WellKnownTypes.Timestamp value)
    {
        value = new Google.Protobuf.WellKnownTypes.Timestamp();
        return Text(node, what, out var text) && (Moments.TryParse(text, now, out value, out var error) || Spoil(node, what, error));
    }

    /// <summary>A word or a list of words, in place of what is there.</summary>
    public void Words(MapNode node, string what, string example, Google.Protobuf.Collections.RepeatedField<string> into)
    {
        into.Clear();
        foreach (var item in node is MapScalar { IsNull: false } ? [node] : List(node, what, example))
        {
            _ = Text(item, $"an item of {what}", out var word);
            into.Add(word);
        }
    }

    public bool Size(MapNode node, string what, out long bytes)
    {
        bytes = 0;
        return Text(node, what, out var text) && (Sizes.TryParse(text, out bytes, out var error) || Spoil(node, what, error));
    }

    public bool Amount(MapNode node, string what, out int thousandths)
    {
        thousandths = 0;
        return Text(node, what, out var text)
            && (Thousandths.TryParse(text, out thousandths, out var error) || Spoil(node, what, error));
    }

    /// <summary>The entries of a table; none, with the mistake logged, where it is no table.</summary>
    public IReadOnlyList<MapEntry> Table(MapNode node, string what, string example)
    {
        if (node is MapTable table)
            return table.Entries;

        log.Spoil(node, $"{what} is {Shown(node)}", $"write a table, like {example}");
        return [];
    }

    /// <summary>The items of a list; none, with the mistake logged, where it is no list.</summary>
    public IReadOnlyList<MapNode> List(MapNode node, string what, string example)
    {
        if (node is MapList list)
            return list.Items;

        log.Spoil(node, $"{what} is {Shown(node)}", $"write a list, like {example}");
        return [];
    }

    private bool Spoil(MapNode node, string what, string error)
    {
        log.Spoil(node, $"{what} {error}");
        return false;
    }

    private static string Shown(MapNode node) => node is MapScalar { IsNull: false } scalar ? $"'{Quote.Shorten(scalar.Text)}'" : node.Kind;

    private static bool IsWhole(string text, out long value)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            return true;

        // More digits than a long holds are a number all the same, only out of any range.
        var digits = text.AsSpan().TrimStart('-');
        value = text.StartsWith('-') ? long.MinValue : long.MaxValue;
        return digits.Length > 0 && text.Length - digits.Length <= 1 && !digits.ContainsAnyExceptInRange('0', '9');
    }
}
