using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Protocol.Text;

/// <summary>What a node lacks to run a task, in words.</summary>
public static class LackText
{
    /// <summary><c>8 gpus asked, at most 0</c>, as said of a node, or of several.</summary>
    public static string Of(NodeLack lack, Func<DateTimeOffset, string> moment) => lack.Kind switch
    {
        LackKind.Unknown => "no such node",
        LackKind.OnlyAssigned => "takes only what a map assigns to it",
        LackKind.Labels => $"does not have the labels {lack.What}",
        LackKind.Resource => $"{Amount(lack.What, lack.Asked)} asked, at most {Number(lack.What, lack.Most)}",
        LackKind.Stopped => "stopped",
        LackKind.Lost => "lost",
        LackKind.Disconnected => "disconnected",
        LackKind.Draining =>
            $"draining{(lack.Until is null ? "" : $" until {moment(lack.Until.ToDateTimeOffset())}")}{(lack.What.Length > 0 ? $" ({lack.What})" : "")}",
        LackKind.Problem => $"takes no work: {lack.What}{(lack.Until is null ? "" : $" (next try {moment(lack.Until.ToDateTimeOffset())})")}",
        LackKind.Avoided => "avoided",
        LackKind.Room when lack.What.Length == 0 => "has no place for another task",
        LackKind.Room => $"{Amount(lack.What, lack.Asked)} asked, at most {Number(lack.What, lack.Most)} free",
        LackKind.Reserved =>
            $"kept for a larger task{(lack.Until is null ? "" : $" until {moment(lack.Until.ToDateTimeOffset())}")}",
        _ => "has room",
    };

    /// <summary>
    /// The same as a sentence about one node, with what to do: <c>node 1 is lost: start it again</c>.
    /// </summary>
    public static string OfNode(string node, NodeLack lack, Func<DateTimeOffset, string> moment) => lack.Kind switch
    {
        LackKind.Unknown => $"no node has the id {node}: start one with 'artel node start --id {node}'",
        LackKind.Resource => $"node {node} can never run it: {Of(lack, moment)}",
        LackKind.Stopped or LackKind.Lost or LackKind.Disconnected =>
            $"node {node} is {Of(lack, moment)}: start it again",
        LackKind.Draining => $"node {node} is {Of(lack, moment)}: 'artel node resume {node}' lets it work again",
        LackKind.Room => $"node {node} is busy, {Of(lack, moment)}",
        LackKind.Reserved => $"node {node} is {Of(lack, moment)}",
        LackKind.Nothing or LackKind.Labels or LackKind.Problem or LackKind.OnlyAssigned =>
            $"node {node} {Of(lack, moment)}",
        _ => $"node {node}: {Of(lack, moment)}",
    };

    /// <summary>One word: <c>lost</c>.</summary>
    public static string Word(NodeLack lack) => lack.Kind switch
    {
        LackKind.Unknown => "missing",
        LackKind.Stopped => "stopped",
        LackKind.Lost => "lost",
        LackKind.Disconnected => "away",
        LackKind.Draining => "draining",
        LackKind.Problem => "problem",
        LackKind.Room => "busy",
        LackKind.Nothing => "next",
        _ => "unfit",
    };

    private static string Amount(string what, long amount) =>
        what == "memory" ? $"{Number(what, amount)} of memory" : $"{Number(what, amount)} {what}";

    private static string Number(string what, long amount) => what switch
    {
        "memory" => Words.Size(amount),
        "cpus" or "gpus" => (amount / 1000.0).ToString("0.###", CultureInfo.InvariantCulture),
        _ => Words.Count(amount),
    };
}
