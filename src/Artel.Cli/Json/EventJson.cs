using Artel.Protocol.V1;

namespace Artel.Cli.Json;

/// <param name="Kind">Such as <c>tasks_failed</c>.</param>
/// <param name="Job">Null: of no job.</param>
/// <param name="Hidden">The job is another's: the detail is left out.</param>
/// <param name="Tasks">Numbers and ranges, like <c>1-64,70</c>; null: of no task, or of the whole job.</param>
internal sealed record EventJson(long Position, DateTimeOffset? At, string Kind, long? Job, string? Tasks, string? Node, string? Detail, bool Hidden)
{
    public static EventJson Of(Event e) => new(
        e.Position, e.At?.ToDateTimeOffset(), EventText.WordOf(e.Kind), e.Job == 0 ? null : e.Job, OrNull(e.Tasks), OrNull(e.Node), OrNull(e.Detail), e.Hidden);

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
