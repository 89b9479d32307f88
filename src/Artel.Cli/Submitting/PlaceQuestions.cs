using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>What the tasks of a job need to find on the nodes that may run them, each place once, with an example of a task that needs it.</summary>
internal static class PlaceQuestions
{
    /// <summary>The most that one call takes.</summary>
    private const int Most = 32;

    public static IReadOnlyList<PlaceQuestion> Of(JobLayout layout)
    {
        var questions = new HashSet<PlaceQuestion>();
        foreach (var template in layout.Templates)
        {
            if (questions.Count == Most)
                break;

            if (Of(template) is { } question)
                questions.Add(question);
        }

        return [.. questions];
    }

    /// <summary>Null if nothing can be asked: what is filled in for each task is not looked for.</summary>
    private static PlaceQuestion? Of(TemplatePlace place)
    {
        var template = place.Template;
        var cwd = template.Scratch ? "" : Fixed(template.Cwd) ?? "";
        var program = template.Run.Count > 0 ? Fixed(template.Run[0]) ?? "" : "";

        // Relative to a folder that is not there yet, or that is not known.
        if (cwd.Length == 0 && !Path.IsPathRooted(program) && program.Contains('/', StringComparison.Ordinal))
            program = "";

        var path = Fixed(template.Env.GetValueOrDefault("PATH") ?? "");
        if (path is null)
            program = "";

        if (cwd.Length == 0 && program.Length == 0)
            return null;

        var needs = template.Needs?.Clone() ?? new Needs();
        if (!needs.HasMilliCpus)
            needs.MilliCpus = place.Node is null ? 1000 : 0;

        return new PlaceQuestion
        {
            Place = new Place { Cwd = cwd, Program = program, Path = program.Length > 0 ? path ?? "" : "" },
            Node = place.Node ?? "",
            Labels = { template.Labels },
            Needs = needs,
        };
    }

    /// <summary>What all tasks have; null if it is filled in for each.</summary>
    private static string? Fixed(string text) => MarkedText.Parse(text) is { MarkCount: 0 } literal ? literal.Fill(MarkValues.None) : null;
}
