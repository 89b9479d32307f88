using Artel.Dashboard.Charts;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Dashboard.Tests;

/// <summary>Samples as lines: where nothing is known the line breaks.</summary>
public sealed class HistoryLinesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_gap_shows_as_a_gap()
    {
        var points = HistoryLines.Points([Sample(5), Sample(10), Sample(600)], s => s.Running);

        Assert.Equal(1, points.Count(p => p[1] is null));
        Assert.Equal([3.0, 3.0, 3.0, null, 3.0, 3.0], points.Select(p => p[1]));
    }

    [Fact]
    public void Counts_are_of_a_second()
    {
        var sample = Sample(5);
        sample.Succeeded = 50;

        Assert.Equal(10, HistoryLines.PerSecond(sample.Succeeded, sample));
        sample.Span = null;
        Assert.Null(HistoryLines.PerSecond(sample.Succeeded, sample));
    }

    private static HistorySample Sample(int end) => new() { At = Start.AddSeconds(end).ToTimestamp(), Span = TimeSpan.FromSeconds(5).ToDuration(), Running = 3 };
}
