namespace Artel.Cli.Json;

/// <param name="Level"><c>ok</c>, <c>warn</c> or <c>fail</c>.</param>
/// <param name="Remedy">What to do; null where it is well.</param>
internal sealed record FindingJson(string Level, string What, string? Remedy);

internal sealed record DoctorJson(IReadOnlyList<FindingJson> Findings);
