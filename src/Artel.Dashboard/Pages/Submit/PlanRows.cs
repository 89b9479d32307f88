using Artel.Protocol.Maps;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Submit;

/// <summary>What one template of a map comes to.</summary>
/// <param name="Tasks">Their numbers: <c>3</c>, <c>4-27</c>.</param>
/// <param name="First">The command of its first task, and of its last one where that is another.</param>
internal sealed record PlanRow(string Tasks, string Name, string Array, string First, string? Last, string After, string Needs);

/// <summary>The templates that one node's list has, or that any fitting node may take.</summary>
/// <param name="Node">Null: any fitting node.</param>
/// <param name="More">Templates that are not in <paramref name="Rows"/>.</param>
internal sealed record PlanSection(string? Node, int AtOnce, long Tasks, IReadOnlyList<PlanRow> Rows, int More)
{
    private const int MostRows = 100;
    private const int MostSections = 50;
    private const int CommandLength = 200;

    /// <summary>As <c>artel map plan</c> has them; of many only the first ones.</summary>
    public static IReadOnlyList<PlanSection> Of(JobSpec job, JobLayout layout) =>
        [.. layout.Templates.GroupBy(t => t.Node).Take(MostSections).Select(group => Of(job, group.Key, [.. group]))];

    private static PlanSection Of(JobSpec job, string? node, List<TemplatePlace> places) => new(
        node,
        node is null ? 0 : Math.Max(1, job.Sections.First(section => section.Node == node).AtOnce),
        places.Sum(p => (long)p.Count),
        [.. places.Take(MostRows).Select(Row)],
        Math.Max(0, places.Count - MostRows));

    private static PlanRow Row(TemplatePlace place)
    {
        var (first, last) = (Command(place, place.FirstTask), Command(place, place.LastTask));
        return new PlanRow(
            place.Count == 1 ? Number(place.FirstTask) : $"{Number(place.FirstTask)}-{Number(place.LastTask)}",
            place.Template.Name,
            Words.Cut(place.Template.Array is { } array ? IndexSets.Format(array) : place.Count > 1 ? Words.Count(place.Count, "entry", "entries") : "", 60),
            first,
            last == first ? null : last,
            string.Join(", ", place.Template.After.Select(a => a.Name)),
            NeedsText.Of(place.Template.Needs, place.Node is not null));
    }

    private static string Command(TemplatePlace place, int task)
    {
        using var values = place.ValuesOf(task);
        return Words.Cut(Words.CommandLine(place.Texts.Run(values)), CommandLength);
    }

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
