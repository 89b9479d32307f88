using System.Text.Json;
using Artel.Bench.Cluster;

namespace Artel.Bench.Plots;

/// <summary>Last lines of earlier runs, as <c>--out</c> collects them.</summary>
internal sealed class OutcomeLines
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, double>> _figures = new(StringComparer.Ordinal);

    private OutcomeLines()
    {
    }

    /// <summary>Of several runs of a benchmark the last one counts.</summary>
    /// <exception cref="BenchException">A line is no outcome.</exception>
    public static OutcomeLines Read(string file)
    {
        var lines = new OutcomeLines();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (line.Length > 0)
            {
                lines.Add(line, $"{file}:{number}");
            }
        }

        return lines;
    }

    /// <summary>Figures of a benchmark by their names.</summary>
    /// <exception cref="BenchException">It is not among them.</exception>
    public IReadOnlyDictionary<string, double> Of(string benchmark) => _figures.GetValueOrDefault(benchmark)
        ?? throw new BenchException($"there is no outcome of '{benchmark}': run it with --out");

    private void Add(string line, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            _figures[document.RootElement.GetProperty("name").GetString()!] = document.RootElement.EnumerateObject()
                .Where(m => m.Value.ValueKind == JsonValueKind.Number)
                .ToDictionary(m => m.Name, m => m.Value.GetDouble());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new BenchException($"{place}: not the JSON of an outcome: {e.Message}");
        }
    }
}
