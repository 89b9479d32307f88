using System.Globalization;
using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>One thing that is wrong in a job.</summary>
/// <param name="Place">Where.</param>
/// <param name="Problem">What is wrong, on which value.</param>
/// <param name="Remedy">What would be right. May be empty where the problem says it already.</param>
public sealed record SpecMistake(SpecPlace Place, string Problem, string Remedy)
{
    /// <summary><c>tasks[2].retry.retries: …</c>; for a mistake of the whole job only the problem.</summary>
    public override string ToString()
    {
        var place = Place.ToString();
        return $"{place}{(place.Length == 0 ? "" : ": ")}{Problem}{(Remedy.Length == 0 ? "" : ": ")}{Remedy}";
    }
}

/// <summary>A place in a job, in the words of the map.</summary>
/// <param name="Section">Which node's list, from 0, or null.</param>
/// <param name="Task">Which entry of that list, or of <c>tasks</c> where there is no section, from 0; or null.</param>
/// <param name="Field">A key of the map, such as <c>after</c> or <c>needs.cpus</c>. Empty: all of it.</param>
/// <param name="Key">An entry of the field, such as the name of a variable, or null.</param>
/// <param name="Item">An item of the field, from 0, or null.</param>
public readonly record struct SpecPlace(int? Section, int? Task, string Field, string? Key = null, int? Item = null)
{
    /// <summary><c>nodes[0].tasks[2].env[PATH]</c></summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Section is { } section)
            text.Append(CultureInfo.InvariantCulture, $"nodes[{section}]");
        if (Task is { } task)
            text.Append(text.Length > 0 ? "." : "").Append(CultureInfo.InvariantCulture, $"tasks[{task}]");
        if (Field is { Length: > 0 })
            text.Append(text.Length > 0 ? "." : "").Append(Field);
        if (Key is not null)
            text.Append(CultureInfo.InvariantCulture, $"[{Quote.Shorten(Key)}]");
        if (Item is { } item)
            text.Append(CultureInfo.InvariantCulture, $"[{item}]");

        return text.ToString();
    }
}
