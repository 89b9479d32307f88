namespace Artel.Bench.Reporting;

/// <summary>What a benchmark has found.</summary>
/// <param name="Name">Of the benchmark.</param>
/// <param name="Value">The figure that it is about, in <paramref name="Unit"/>.</param>
/// <param name="Reach">What the figure is to reach, as text: <c>≥ 0.85</c>.</param>
/// <param name="Met">Whether it does, with everything else that is asked of this benchmark.</param>
/// <param name="Gross">Whether it is so far from its goal that no slow or busy machine explains it.</param>
/// <param name="Figures">More of what was measured, by name; units are in the names.</param>
/// <param name="Table">The same for people, a row each.</param>
internal sealed record Outcome(
    string Name, double Value, string Unit, string Reach, bool Met, bool Gross, IReadOnlyDictionary<string, double> Figures, Rows Table);

/// <summary>A table for people.</summary>
internal sealed record Rows(string[] Columns, IReadOnlyList<string[]> Lines);
