using Artel.Testing;

namespace Artel.Chaos.Tests;

/// <summary>A minute of chaos with real programs. A longer run: see CONTRIBUTING.md.</summary>
public class ChaosTests
{
    [Fact]
    public async Task A_minute_of_faults_loses_nothing_and_doubles_nothing()
    {
        using (NetworkLab.Create("server"))
        {
            // Only to know that it can be made: the run makes its own, and would do without.
        }

        using var said = new StringWriter();
        var report = await ChaosRun.RunAsync(new Options(TimeSpan.FromMinutes(1), Seed: 20), said, TestContext.Current.CancellationToken);

        var table = report.ToText();
        TestContext.Current.TestOutputHelper?.WriteLine(table);
        Assert.True(report.Holds, table);
        foreach (var done in new[] { "tasks", "exclusive tasks", "fault: server killed", "fault: agent killed", "fault: cable cut", "attempts given up" })
            Assert.True(report[done] > 0, $"{done}\n{table}");
    }
}
