using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>
/// The questions that a job asks of nodes that may run its tasks: are the working directory and the program there? Each
/// question is asked once, however many tasks share it.
/// </summary>
internal static class PlaceQuestions
{
    /// <summary>The most questions that one call takes.</summary>
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

    /// <summary>Null if there is nothing to ask: paths with placeholders differ from task to task.</summary>
    private static PlaceQuestion? Of(TemplatePlace place)
    {
        var template = place.Template;
        var cwd = template.Scratch ? "" : Fixed(template.Cwd) ?? "";
        var program = template.Run.Count > 0 ? Fixed(template.Run[0]) ?? "" : "";

        // It is relative to a folder that does not exist yet, or that is unknown.
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

    /// <summary>The text that all tasks have; null if it has placeholders.</summary>
    private static string? Fixed(string text) =>
        MarkedText.Parse(text) is { MarkCount: 0 } literal ? literal.Fill(MarkValues.None) : null;
}
