using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Submit;

/// <summary>
/// A map as it was typed, and what the parser says of it. It lies in no folder: the parser reads no file for it, and refuses relative paths, so that
/// no browser reads what is on the server's disk.
/// </summary>
/// <param name="Text">As it is in the browser.</param>
/// <param name="Job">Set where the map is right; it has a name.</param>
/// <param name="RequestId">The same text that is sent twice makes one job.</param>
internal sealed record MapDraft(string Text, JobSpec? Job, JobLayout? Layout, IReadOnlyList<MapMistake> Mistakes, string RequestId)
{
    /// <summary>More is for the command line: all of it is sent whenever it changes.</summary>
    public const int MaxLength = 1024 * 1024;

    public static MapDraft Empty { get; } = new("", null, null, [], "");

    public bool IsBlank => string.IsNullOrWhiteSpace(Text);

    public static MapDraft Of(string text, TimeProvider clock)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Empty with { Text = text };

        var result = MapParser.Parse(text, "map", MapContext.Detached with { Clock = clock });
        if (result.Job is { Name.Length: 0 } job)
            job.Name = "map";

        return new MapDraft(text, result.Job, result.Job is null ? null : JobSpecs.Layout(result.Job), result.Mistakes, Guid.NewGuid().ToString("N"));
    }
}
