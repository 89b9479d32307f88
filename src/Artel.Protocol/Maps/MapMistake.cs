using System.Globalization;

namespace Artel.Protocol.Maps;

/// <summary>One thing that is wrong in a map.</summary>
/// <param name="File">The map, as the user named it.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units, as editors count.</param>
/// <param name="Problem">What is wrong, on which value.</param>
/// <param name="Remedy">What would be right. May be empty where the problem says it already.</param>
public sealed record MapMistake(string File, int Line, int Column, string Problem, string Remedy)
{
    /// <summary><c>sweep.yaml:7:5: unknown key 'retires': did you mean 'retries'?</c></summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{File}:{Line}:{Column}: {Problem}{(Remedy.Length == 0 ? "" : ": ")}{Remedy}");
}
