using System.Text.Json;
using Artel.Chaos.History;

namespace Artel.Chaos.Tests;

public class ReportTests
{
    private static readonly Past Past = new();

    [Fact]
    public void A_run_without_a_violation_holds_and_shows_zeros()
    {
        var report = Of([]);

        Assert.True(report.Holds);
        Assert.Equal(3, report["tasks"]);
        Assert.Equal(4, report["fault: server killed"]);
        Assert.Contains("| lost (must be 0) | 0 |", report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_violation_is_counted_in_its_row_and_told()
    {
        var report = Of([new Violation(Must.NothingLost, "job 7 is gone")]);

        Assert.False(report.Holds);
        Assert.Contains("| lost (must be 0) | 1 |", report.ToText(), StringComparison.Ordinal);
        Assert.Contains("job 7 is gone", report.ToText(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.False(json.RootElement.GetProperty("holds").GetBoolean());
        Assert.Equal(1, json.RootElement.GetProperty("table").GetProperty("lost (must be 0)").GetInt32());
        Assert.Equal("job 7 is gone", json.RootElement.GetProperty("violations")[0].GetProperty("what").GetString());
    }

    [Fact]
    public void Every_must_has_a_row()
    {
        var none = Of([]).ToText().Split('\n');
        foreach (var must in Enum.GetValues<Must>())
            Assert.NotEqual(none, Of([new Violation(must, "")]).ToText().Split('\n').Take(none.Length));
    }

    private static Report Of(IReadOnlyList<Violation> violations) => new(
        new Options(TimeSpan.FromMinutes(1), 7), Figures.Of(Past.Records), violations, new Dictionary<string, int> { ["server killed"] = 4 }, ["no slow cables"]);
}
