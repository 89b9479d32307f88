using Artel.Dashboard.Pages.Overview;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Dashboard.Tests.Pages;

/// <summary>The charts of the overview beside its figures.</summary>
public sealed class UsageDrawingsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeRange Hour = TimeRange.Of("1h");

    [Fact]
    public void Charts_end_with_the_figures_that_stand_beside_them()
    {
        var status = new ClusterStatus { ActiveTasks = new TaskCounts { Running = 7, Ready = 3 } };

        var usage = UsageDrawings.Of([Sample(Now.AddSeconds(-4), running: 2)], status, Hour, Now);

        Assert.Equal("7 running, 3 ready", usage.Drawings.Single(d => d.Title == "Tasks").Now);
    }

    [Fact]
    public void They_say_from_when_they_have_data_if_that_is_not_all_of_the_time()
    {
        var whole = Enumerable.Range(1, 720).Select(i => Sample(Now.AddHours(-1).AddSeconds(5 * i), running: 1)).ToList();

        Assert.Null(UsageDrawings.Of(whole, new ClusterStatus(), Hour, Now).Since);
        Assert.Equal(Now.AddMinutes(-10), UsageDrawings.Of([.. whole.Skip(600)], new ClusterStatus(), Hour, Now).Since);
        Assert.Equal(Now, UsageDrawings.Of([], new ClusterStatus(), Hour, Now).Since);
    }

    private static HistorySample Sample(DateTimeOffset at, int running) => new()
    {
        At = at.ToTimestamp(),
        Span = TimeSpan.FromSeconds(5).ToDuration(),
        Running = running,
    };
}
