using System.Globalization;
using Artel.Dashboard.Addresses;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Events;

/// <summary>Which events are shown. The job is asked for; the rest is looked for in what the cluster tells.</summary>
/// <param name="Job">0: of any, and of nodes.</param>
/// <param name="Node">Exactly this one; empty: of any.</param>
/// <param name="Kind">A kind as JSON says it, or the first word of several, such as <c>node</c>; empty: all.</param>
/// <param name="Text">Somewhere in what happened, in any case of letters.</param>
public sealed record EventFilter(long Job, string Node, string Kind, string Text)
{
    /// <summary>First words of kinds, for several kinds at once.</summary>
    public static readonly IReadOnlyList<(string Word, string Words)> Families =
        [("job", "all of jobs"), ("tasks", "all of tasks"), ("attempt", "all of attempts"), ("node", "all of nodes"), ("limit", "all of limits")];

    public static readonly IReadOnlyList<string> Kinds = [.. Enum.GetValues<EventKind>().Where(k => k != EventKind.Unspecified).Select(EventText.WordOf)];

    /// <summary>Whether something is looked for that the cluster does not sift out by itself.</summary>
    public bool Sifts => Node.Length > 0 || Kind.Length > 0 || Text.Length > 0;

    public bool IsEmpty => !Sifts && Job == 0;

    /// <summary>Takes an address as people write it: what makes no sense is left out.</summary>
    public static EventFilter Read(string? job, string? node, string? kind, string? text) => new(
        AddressRules.Job.Read(job) ?? 0,
        AddressRules.Text.Read(node),
        kind is not null && (Kinds.Contains(kind) || Families.Any(f => f.Word == kind)) ? kind : "",
        AddressRules.Text.Read(text));

    public bool Fits(Event e)
    {
        if (Node.Length > 0 && e.Node != Node)
        {
            return false;
        }

        var word = EventText.WordOf(e.Kind);
        if (Kind.Length > 0 && word != Kind && !word.StartsWith($"{Kind}_", StringComparison.Ordinal))
        {
            return false;
        }

        return Text.Length == 0 || Told(e).Contains(Text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>All that the list says of it.</summary>
    private static string Told(Event e) => string.Create(CultureInfo.InvariantCulture,
        $"{EventWords.Kind(e.Kind)} {(e.Job > 0 ? $"job {e.Job}" : "")} {e.Tasks} {(e.Node.Length > 0 ? $"node {e.Node}" : "")} {e.Detail}");
}
