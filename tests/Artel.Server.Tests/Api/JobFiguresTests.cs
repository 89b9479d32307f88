using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Api;
using Artel.Server.Storage;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Api;

public sealed class JobFiguresTests
{
    private static readonly DateTimeOffset Submitted = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly JobFigures _figures = new(Submitted, JobLayout.Of(new V1.JobSpec
    {
        Tasks = { new V1.TaskTemplate { Needs = new V1.Needs { MilliCpus = 2000 }, Array = IndexSets.Parse("1-100", out _) } },
    }));

    [Fact]
    public void Figures_are_spread_over_what_was_measured_and_told_by_node()
    {
        for (var i = 1; i <= 10; i++)
        {
            Add(i, node: i <= 7 ? "a" : "b", wall: i);
        }

        var stats = _figures.Write();

        Assert.Equal((10, 1, 5, 9, 10, 5.5), (stats.Duration.Count, stats.Duration.Min, stats.Duration.Median, stats.Duration.P90, stats.Duration.Max, stats.Duration.Mean));
        Assert.Equal(("a", 7, "b", 3), (stats.Nodes[0].Node, stats.Nodes[0].Attempts, stats.Nodes[1].Node, stats.Nodes[1].Attempts));
        Assert.Equal(9, stats.Nodes[1].Duration.Median);
        Assert.Equal([10, 9, 8, 7, 6], stats.Slowest.Select(s => s.Task));
        Assert.Equal(55, stats.WallTotal.Seconds);
    }

    [Fact]
    public void Any_number_of_absurd_times_has_a_sum()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Add(1, "a", wall: JobLimits.MaxDuration.TotalSeconds, cpu: JobLimits.MaxDuration.TotalSeconds);
        }

        var stats = _figures.Write();

        Assert.Equal((315_576_000_000, 315_576_000_000), (stats.WallTotal.Seconds, stats.Nodes[0].CpuTotal.Seconds));
    }

    [Fact]
    public void Cpu_is_compared_with_what_was_asked_for()
    {
        Add(1, "a", wall: 10, cpu: 5);
        Add(2, "a", wall: 10, cpu: 10);

        // 15 s of 2 tasks for 10 s with 2 cpus each.
        Assert.Equal(15.0 / 40, _figures.Write().CpuEfficiency, 6);
    }

    [Fact]
    public void A_wait_is_counted_to_the_first_attempt_only_and_an_attempt_that_never_started_took_no_time()
    {
        Add(1, "a", wall: 1);
        Add(1, "a", wall: 1, attempt: 2);
        _figures.Add(new MeasuredAttempt(3, 2, 1, "a", AttemptOutcome.NotStarted, null, Submitted, default, default, 0));

        var stats = _figures.Write();

        Assert.Equal((3, 2), (stats.Attempts, stats.Succeeded));
        Assert.Equal((1, 3.0), (stats.Wait.Count, stats.Wait.Max));
        Assert.Equal(2, stats.Duration.Count);
        Assert.Null(stats.Memory);
        Assert.False(stats.HasCpuEfficiency);
    }

    private void Add(int task, string node, double wall, double cpu = 0, int attempt = 1) => _figures.Add(new MeasuredAttempt(
        task, task, attempt, node, AttemptOutcome.Succeeded, Submitted.AddSeconds(3), Submitted.AddSeconds(3 + wall), TimeSpan.FromSeconds(wall), TimeSpan.FromSeconds(cpu), 0));
}
