using System.Globalization;
using System.Text;
using System.Text.Json;
using Artel.Chaos.History;

namespace Artel.Chaos;

/// <summary>The table that a run ends with.</summary>
public sealed class Report
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private static readonly (Must Must, string Name)[] Musts =
    [
        (Must.NothingLost, "lost"),
        (Must.NothingDoubled, "doubled"),
        (Must.ExclusiveAlone, "exclusive overlaps"),
        (Must.ResultsRan, "results without a run"),
        (Must.OutputsWhole, "wrong outputs"),
        (Must.OutcomesRight, "wrong outcomes"),
        (Must.OrderKept, "wrong order or node"),
        (Must.NothingTakenBack, "results taken back"),
        (Must.NoOrphans, "processes left over"),
        (Must.NothingCrashed, "programs that ended by themselves"),
    ];

    private readonly List<(string Name, object Value)> _rows = [];
    private readonly IReadOnlyList<string> _notes;
    private readonly IReadOnlyList<Violation> _violations;

    internal Report(Options options, Figures figures, IReadOnlyList<Violation> violations, IReadOnlyDictionary<string, int> faults, IReadOnlyList<string> notes)
    {
        _violations = violations;
        _notes = notes;
        Row("seed", options.Seed);
        Row("minutes", options.Duration.TotalMinutes);
        Row("nodes", options.Nodes);
        Row("jobs", figures.Jobs);
        Row("submissions without an answer", figures.Unanswered);
        Row("tasks", figures.Tasks);
        Row("exclusive tasks", figures.Exclusive);
        foreach (var (kind, count) in faults.OrderBy(f => f.Key, StringComparer.Ordinal))
            Row("fault: " + kind, count);

        Row("attempts", figures.Attempts);
        Row("attempts given up", figures.GivenUp);
        Row("processes run", figures.Runs);
        Row("processes killed on the way", figures.Killed);
        Row("duplicates run", figures.RanAgain);
        Row("duplicates side by side (ordinary tasks)", figures.SideBySide);
        Row("results accepted", figures.Accepted);
        Row("longest time a task was stuck (s)", Math.Round(figures.LongestStuck, 1));
        Row("which task", figures.StuckTask);
        foreach (var (must, name) in Musts)
            Row(name + " (must be 0)", violations.Count(v => v.Must == must));
    }

    /// <summary>Whether all musts hold.</summary>
    public bool Holds => _violations.Count == 0;

    /// <summary>A number of the table; 0 where it has no such row.</summary>
    public int this[string name] => _rows.FirstOrDefault(r => r.Name == name).Value is int number ? number : 0;

    public string ToText()
    {
        var text = new StringBuilder("| what | value |\n|---|---|\n");
        foreach (var (name, value) in _rows)
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");

        foreach (var note in _notes)
            text.Append(CultureInfo.InvariantCulture, $"\n{note}");

        foreach (var violation in _violations.Take(50))
            text.Append(CultureInfo.InvariantCulture, $"\n{violation.Must}: {violation.What}");

        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            holds = Holds,
            table = _rows.ToDictionary(),
            notes = _notes,
            violations = _violations.Select(v => new { must = v.Must.ToString(), what = v.What }),
        },
        Json);

    private void Row(string name, object value) => _rows.Add((name, value));
}
