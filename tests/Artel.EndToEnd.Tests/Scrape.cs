using System.Globalization;
using System.Text.RegularExpressions;

namespace Artel.EndToEnd.Tests;

/// <summary>What <c>/metrics</c> said once, in the text format of Prometheus.</summary>
internal sealed partial class Scrape
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _series = [];

    public Scrape(string text)
    {
        foreach (var line in text.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            var match = Line().Match(line);
            Assert.True(match.Success, line);
            _series.Add((
                match.Groups["name"].Value,
                Label().Matches(match.Groups["labels"].Value).ToDictionary(l => l.Groups["name"].Value, l => l.Groups["value"].Value),
                double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));
        }
    }

    public IReadOnlySet<string> Names => _series.Select(s => s.Name).ToHashSet();

    /// <summary>The sum of the series that have this label, if any is asked for.</summary>
    public double this[string name, string? label = null, string? value = null] =>
        _series.Where(s => s.Name == name && (label is null || s.Labels[label] == value)).Sum(s => s.Value);

    /// <summary>Labels by which a metric is told apart.</summary>
    public IReadOnlySet<string> LabelsOf(string name) =>
        _series.Where(s => s.Name == name).SelectMany(s => s.Labels.Keys).Where(l => !l.StartsWith("otel_scope_", StringComparison.Ordinal)).ToHashSet();

    [GeneratedRegex("""^(?<name>\w+)(\{(?<labels>.*)\})? (?<value>\S+)$""")]
    private static partial Regex Line();

    [GeneratedRegex("""(?<name>\w+)="(?<value>[^"]*)["]""")]
    private static partial Regex Label();
}
