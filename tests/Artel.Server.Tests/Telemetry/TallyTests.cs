using System.Diagnostics.Metrics;
using Artel.Core;
using Artel.Server.Telemetry;

namespace Artel.Server.Tests.Telemetry;

/// <summary>What is counted by bucket comes out of a histogram as if it had been told one by one.</summary>
public sealed class TallyTests : IDisposable
{
    private readonly Meter _meter = new("TallyTests");
    private readonly MeterListener _listener = new();
    private readonly List<double> _recorded = [];
    private readonly Histogram<double> _histogram;

    public TallyTests()
    {
        _histogram = _meter.CreateHistogram<double>("h");
        _listener.EnableMeasurementEvents(_histogram);
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _recorded.Add(value));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Each_bucket_keeps_its_number_and_its_sum_and_ends_belong_to_the_bucket_below()
    {
        var tally = new Tally(0.1, 1, 10);

        tally.Add(0.1, times: 3);
        tally.Add(0.2);
        tally.Add(0.6);
        tally.Add(10);
        tally.Add(500);
        tally.DrainInto(_histogram);

        Assert.Equal([0.1, 0.1, 0.1, 0.4, 0.4, 10, 500], _recorded.Select(v => Math.Round(v, 9)));
        Assert.Equal(3, _recorded.Count(v => v <= 0.1));
    }

    [Fact]
    public void What_was_told_is_not_told_again()
    {
        var tally = new Tally(1);
        tally.Add(TimeSpan.FromSeconds(3));
        tally.DrainInto(_histogram);
        tally.DrainInto(_histogram);

        Assert.Equal([3], _recorded);
    }

    [Fact]
    public void A_bucket_is_bounded()
    {
        var tally = new Tally(1);
        tally.Add(2, times: 5_000_000);
        tally.Add(2, times: 1);
        tally.Add(0.5);
        tally.DrainInto(_histogram);

        Assert.Equal(5_000_001, _recorded.Count);
    }

    [Fact]
    public void What_was_committed_is_counted_once_for_what_it_is()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var (job, node) = (new JobId(1), new NodeId("1"));
        var tallies = new TaskTallies();
        var output = KeptOutput.Empty with { Length = 7 };
        var failed = new AttemptResult(AttemptOutcome.Failed, 1, 0, "", at, new Usage(TimeSpan.FromSeconds(2), default, default, 0), output, KeptOutput.Empty);
        tallies.Tell(
            [
                new LeasesGranted(new LeaseRange(1, 1, 5), job, 0, 1, 0, 1, node, new Incarnation(1), at) { Due = at.AddSeconds(-4) },
                new LeasesGranted(new LeaseRange(1, 6, 1), job, 0, 1, 0, 2, node, new Incarnation(1), at),
                Ended(failed, TaskState.Ready),
                Ended(failed, TaskState.Failed),
                Ended(failed with { Outcome = AttemptOutcome.NotStarted, Started = null }, TaskState.Ready),
                new TasksEnded(job, new TaskRange(2, 4), TaskState.Skipped, "", at),
                new JobEnded(job, JobState.Failed, default, at),
            ],
            at.AddMilliseconds(10));

        Assert.Equal((6, 3, 14, 0), (tallies.LeasesGranted, tallies.TasksEnded(TaskState.Skipped), tallies.StdoutBytes - 7, tallies.StderrBytes));
        Assert.Equal((2, 1, 2), (tallies.Attempts(AttemptOutcome.Failed), tallies.Attempts(AttemptOutcome.NotStarted), tallies.Retries));
        Assert.Equal((1, 1, 0), (tallies.TasksEnded(TaskState.Failed), tallies.JobsEnded(JobState.Failed), tallies.TasksEnded(TaskState.Succeeded)));
        Assert.Equal([4, 4, 4, 4, 4], Drain(tallies.Waits));
        Assert.Equal(Enumerable.Repeat(0.01, 6), Drain(tallies.Dispatches));
        Assert.Equal([2, 2], Drain(tallies.Durations(AttemptOutcome.Failed)));
        Assert.Empty(Drain(tallies.Durations(AttemptOutcome.NotStarted)));

        AttemptEnded Ended(AttemptResult result, TaskState next) => new(
            new Lease(1, 1), new LeaseRange(1, 1, 5), false, new TaskId(job, 1), 1, node, result, 1, next, null, TaskHistory.None, "", at);
    }

    private double[] Drain(Tally tally)
    {
        _recorded.Clear();
        tally.DrainInto(_histogram);
        return [.. _recorded.Select(v => Math.Round(v, 9))];
    }
}
