using Artel.Protocol.Maps;

namespace Artel.Cli.Json;

internal sealed record MistakeJson(string File, int Line, int Column, string Problem, string Remedy)
{
    public static MistakeJson Of(MapMistake m) => new(m.File, m.Line, m.Column, m.Problem, m.Remedy);
}

/// <param name="Tasks">Null where there are mistakes.</param>
internal sealed record MapCheckJson(string File, bool Right, long? Tasks, IReadOnlyList<MistakeJson> Mistakes);

/// <param name="FirstTask">Number of its first task.</param>
/// <param name="Array">Its indices, as in <c>1-100</c>; null for one task.</param>
internal sealed record PlannedTemplateJson(
    int FirstTask, long Tasks, string Name, string? Array, IReadOnlyList<string> Run, IReadOnlyList<string> After, string Needs);

/// <param name="Node">Null: any fitting node.</param>
/// <param name="AtOnce">Tasks of a node's list that run together; null for any fitting node.</param>
internal sealed record PlannedSectionJson(string? Node, int? AtOnce, long Tasks, IReadOnlyList<PlannedTemplateJson> Templates);

internal sealed record MapPlanJson(string Name, long Tasks, IReadOnlyList<PlannedSectionJson> Sections);
