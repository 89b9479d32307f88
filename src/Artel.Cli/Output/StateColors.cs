using Artel.Protocol.V1;
using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>The colours of states in a terminal.</summary>
internal static class StateColors
{
    public static Style? Of(JobState state) => ColorOf(StateWords.Of(state));

    public static Style? Of(TaskState state) => ColorOf(StateWords.Of(state));

    public static Style? Of(NodeCondition condition) => condition switch
    {
        NodeCondition.Connected => new Style(Spectre.Console.Color.Green),
        NodeCondition.Disconnected => new Style(Spectre.Console.Color.Yellow),
        NodeCondition.Lost => new Style(Spectre.Console.Color.Red),
        _ => default(Style?),
    };

    private static Style? ColorOf(string state) => state switch
    {
        "running" => new Style(Spectre.Console.Color.Blue),
        "succeeded" => new Style(Spectre.Console.Color.Green),
        "failed" => new Style(Spectre.Console.Color.Red),
        "cancelled" or "skipped" => new Style(Spectre.Console.Color.Yellow),
        _ => default(Style?),
    };
}
