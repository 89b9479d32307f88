using Artel.Core;
using Artel.Server.Endings;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.Supervision;
using Artel.Server.Telemetry;
using Artel.Server.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Artel.Server.Tests.Loop;

/// <summary>Subscribers of commits that throw, or are slow, while the committer notifies them.</summary>
public sealed class AudienceTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly NodeSessions _sessions = new();
    private readonly JobSignals _signals = new();
    private readonly Committed _committed = new();
    private readonly TaskTallies _tallies = new();
    private readonly TelemetryFeed _telemetry;
    private readonly BackgroundParts _parts = new(TimeProvider.System, NullLogger<BackgroundParts>.Instance);
    private readonly NodeSession _one = Session("1");
    private readonly NodeSession _two = Session("2");
    private readonly Audience _audience;

    public AudienceTests()
    {
        _telemetry = new TelemetryFeed(_tallies);
        _audience = new Audience(
            _sessions, new JobDocuments(), _signals, _committed, new EndingSignal(), new JobTraces("cluster", sampling: null), _telemetry, _parts,
            TimeProvider.System, NullLogger<Audience>.Instance);
        Assert.True(_sessions.TryAdd(_one, out _) && _sessions.TryAdd(_two, out _));
    }

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
    }

    [Fact]
    public async Task A_node_that_can_not_be_notified_loses_its_link_and_all_others_are_notified()
    {
        // A document that is none: whoever has to read it throws.
        using var watch = _signals.Watch(new JobId(1));
        var (next, change) = (_committed.Next, watch.NextChange);
        var spec = new JobSpec("a", "ada", 0, [], [new TemplateSpec { Name = "", FirstTask = 1, Count = 2 }]);

        _audience.Tell([new JobSubmitted(new JobId(1), spec, new byte[] { 0xff, 0xff }, "", false, default), Granted("1", 1), Drained("2")]);

        await Task.WhenAll(next, change).WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(_one.Closed.IsCancellationRequested);
        Assert.False(_two.Closed.IsCancellationRequested);
        Assert.True(_two.Outbox.TryRead(out var told));
        Assert.NotNull(told.Drain);
        _telemetry.Drain();
        Assert.Equal((1, 1), (_tallies.JobsSubmitted, _tallies.LeasesGranted));
    }

    [Fact]
    public async Task A_link_whose_end_somebody_handles_slowly_does_not_hold_up_the_committer()
    {
        using var never = new ManualResetEventSlim();
        await using var slow = _one.Closed.Register(never.Wait);

        var closing = Task.Run(
            () =>
            {
                // Nobody reads: at some point the session gives up.
                while (!_one.Closed.IsCancellationRequested)
                {
                    _audience.Tell([Drained("1")]);
                }
            },
            TestContext.Current.CancellationToken);

        await closing.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        never.Set();
    }

    [Fact]
    public void Telemetry_that_does_not_keep_up_loses_changes_that_are_counted()
    {
        var batch = Enumerable.Range(1, 1000).Select(i => (Change)Drained("3")).ToArray();
        for (var told = 0; told <= TelemetryFeed.MostPending * 2; told += batch.Length)
        {
            _audience.Tell(batch);
        }

        Assert.InRange(_telemetry.Dropped, TelemetryFeed.MostPending - batch.Length, TelemetryFeed.MostPending + (2 * batch.Length));
        Assert.Null(_parts.Problem);

        _telemetry.Drain();
        var dropped = _telemetry.Dropped;
        _audience.Tell(batch);
        Assert.Equal(dropped, _telemetry.Dropped);
    }

    private static LeasesGranted Granted(string node, int task) =>
        new(new LeaseRange(1, task, 1), new JobId(1), 0, task, task - 1, 1, new NodeId(node), new Incarnation(1), default);

    private static NodeDraining Drained(string node) => new(new NodeId(node), true);

    private static NodeSession Session(string node) => new(new NodeId(node), new Incarnation(1), new AwakeTime(TimeProvider.System));
}
