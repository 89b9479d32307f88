using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Artel.Server.Loop;
using Artel.Server.Telemetry;
using Artel.Testing;

namespace Artel.Server.Tests.Telemetry;

/// <summary>docs/metrics.md has all instruments that there are, as they are, and no others.</summary>
public sealed partial class MetricsDocTests
{
    [Fact]
    public void The_table_is_what_there_is()
    {
        var there = new List<string>();
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == Instruments.Meter)
                {
                    there.Add($"{instrument.Name} {instrument.Unit} {KindOf(instrument)}");
                    Assert.EndsWith(".", instrument.Description, StringComparison.Ordinal);
                }
            };
            listener.Start();

            // Nothing is read, so there need be no loop behind it.
            using var instruments = new Instruments(new TaskTallies(), new TelemetryFeed(new TaskTallies()), new Vitals(), new ClusterGauges(null!, TimeProvider.System));
        }

        var rows = File.ReadLines(Path.Combine(Binaries.Repository, "docs", "metrics.md")).Select(l => Row().Match(l)).Where(m => m.Success)
            .Select(m => $"{m.Groups["name"]} {m.Groups["unit"]} {m.Groups["kind"]}").ToList();
        Assert.Equal(there.Order(), rows.Order());
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name switch
    {
        "Histogram`1" => "histogram",
        "ObservableCounter`1" => "counter",
        "ObservableUpDownCounter`1" => "up-down counter",
        "ObservableGauge`1" => "gauge",
        var other => other,
    };

    [GeneratedRegex(@"^\| `(?<name>artel\.[\w.]+)` \| `\w+` \| `(?<unit>\S+)` \| (?<kind>[\w -]+) \|")]
    private static partial Regex Row();
}
