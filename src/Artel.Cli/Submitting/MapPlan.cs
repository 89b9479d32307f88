using System.Globalization;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>What a map comes to: which task numbers run what, and where.</summary>
internal static class MapPlan
{
    private const int CommandLength = 70;

    public static MapPlanJson Of(JobSpec job)
    {
        var layout = JobSpecs.Layout(job);
        var sections = layout.Templates.GroupBy(t => t.Node).Select(group =>
        {
            var atOnce = group.Key is null ? (int?)null : Math.Max(1, job.Sections.First(section => section.Node == group.Key).AtOnce);
            return new PlannedSectionJson(group.Key, atOnce, group.Sum(t => (long)t.Count), [.. group.Select(Of)]);
        });
        return new MapPlanJson(job.Name, layout.TaskCount, [.. sections]);
    }

    public static void Print(MapPlanJson plan, Terminal terminal)
    {
        terminal.Print(Terminal.Plain($"{plan.Name}: {Words.Tasks(plan.Tasks)}"));
        foreach (var section in plan.Sections)
        {
            terminal.Print("");
            terminal.Print(section.Node is null
                ? $"any fitting node: {Words.Tasks(section.Tasks)}"
                : $"node {section.Node}, {(section.AtOnce == 1 ? "one at a time" : $"{section.AtOnce} at a time")}: {Words.Tasks(section.Tasks)}");
            var listing = new Listing().Column("task", right: true).Column("name").Column("array")
                .Column("runs", wrap: true).Column("after", wrap: true).Column("needs", wrap: true);
            foreach (var template in section.Templates)
            {
                var last = template.FirstTask + template.Tasks - 1;
                listing.Row(
                    last == template.FirstTask
                        ? template.FirstTask.ToString(CultureInfo.InvariantCulture)
                        : string.Create(CultureInfo.InvariantCulture, $"{template.FirstTask}-{last}"),
                    template.Name,
                    template.Array ?? (template.Tasks > 1 ? Words.Count(template.Tasks, "entry", "entries") : ""),
                    Words.Cut(Words.CommandLine(template.Run), CommandLength),
                    string.Join(", ", template.After),
                    template.Needs);
            }

            listing.Print(terminal.Out);
        }
    }

    private static PlannedTemplateJson Of(TemplatePlace place) => new(
        place.FirstTask,
        place.Count,
        place.Template.Name,
        place.Template.Array is null ? null : IndexSets.Format(place.Template.Array),
        [.. place.Template.Run],
        [.. place.Template.After.Select(a => a.Name)],
        NeedsText.Of(place.Template.Needs, place.Node is not null));
}
