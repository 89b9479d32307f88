using Artel.Core;
using Artel.Server.Endings;
using Artel.Server.Hosting;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.Outputs;
using Artel.Server.Storage;
using Artel.Server.Supervision;
using Artel.Server.Telemetry;
using Artel.Server.Tests.Storage;
using Artel.Server.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Artel.Server.Tests.Loop;

/// <summary>Commands that throw: those that changed nothing are their caller's, after others there is no trust in the state. And its last turns.</summary>
public sealed class ClusterLoopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_command_that_throws_before_it_changes_anything_is_its_callers_alone()
    {
        await using var running = await RunningLoop.StartAsync(_folder["data"]);

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => running.Loop.AskAsync<int>((_, _) => throw new InvalidTimeZoneException("a bug"), Cancellation));

        var job = await running.Loop.AskAsync(Submit, Cancellation);
        Assert.Equal(new JobId(1), job);
    }

    [Fact]
    public async Task A_command_that_throws_after_it_changed_something_ends_the_loop_and_nothing_of_it_is_kept()
    {
        await using (var running = await RunningLoop.StartAsync(_folder["data"]))
        {
            await running.Loop.AskAsync(Submit, Cancellation);

            var told = await Assert.ThrowsAsync<LoopStoppedException>(() => running.Loop.AskAsync<int>(
                (state, now) =>
                {
                    Submit(state, now);
                    throw new InvalidTimeZoneException("a bug");
                },
                Cancellation));
            var end = await Assert.ThrowsAsync<StateBrokenException>(() => running.Running);
            var late = await Assert.ThrowsAsync<LoopStoppedException>(() => running.Loop.AskAsync(Submit, Cancellation));

            Assert.Equal(end.Message, told.Message);
            Assert.Equal(end.Message, late.Message);
            Assert.Contains("InvalidTimeZoneException: a bug", end.Message, StringComparison.Ordinal);
        }

        // The job that was answered is there, the one that was not is not.
        await using var store = await LiveStore.OpenAsync(_folder["data"]);
        Assert.Equal(new JobId(1), Assert.Single(store.Snapshot.Jobs).Job);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_granted_any_more_when_the_server_stops(bool stops)
    {
        await using var running = await RunningLoop.StartAsync(_folder["data"]);
        await running.Loop.AskAsync(
            (state, now) => state.Connect(
                new NodeId("1"), new Incarnation(1), new NodeDescription(NodeKind.Native, "", "", "", new Resources(1000, 0, 0, []), []), LeaseSet.Empty, now),
            Cancellation);
        if (stops)
        {
            running.Sessions.LeaveAll("the server is stopping");
        }

        var job = await running.Loop.AskAsync(Submit, Cancellation);

        var counts = await running.Loop.AskAsync((state, _) => state.View(job)!.Counts, Cancellation);
        Assert.Equal(stops ? 0 : 3, counts.Leased);
    }

    private static JobId Submit(ClusterState state, DateTimeOffset now) =>
        state.Submit(Story.ReadSpec("job\n3"u8.ToArray()), "job\n3"u8.ToArray(), "", held: false, now);

    private sealed class RunningLoop(DataFolder folder, Database database, SqliteStore store, OutputStore outputs, NodeSessions sessions, ClusterLoop loop) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public ClusterLoop Loop { get; } = loop;

        public NodeSessions Sessions { get; } = sessions;

        public Task Running { get; private set; } = Task.CompletedTask;

        public static async Task<RunningLoop> StartAsync(string path)
        {
            var folder = DataFolder.Open(path);
            var database = await Database.OpenAsync(folder, Cancellation);
            var store = new SqliteStore(database, TimeProvider.System);
            var snapshot = await store.OpenAsync(Story.ReadSpec, Cancellation);
            var time = TimeProvider.System;
            var awake = new AwakeTime(time);
            var sessions = new NodeSessions();
            var outputs = new OutputStore(folder);
            var options = new ServerOptions { DataDirectory = path, HomeDirectory = path, Listen = ListenAddress.Parse("127.0.0.1:0", out _)! };
            var audience = new Audience(sessions, new JobDocuments(), new JobSignals(), new Committed(), new EndingSignal(), new JobTraces(store.ClusterId, sampling: null), new TelemetryFeed(new TaskTallies()), new BackgroundParts(time, NullLogger<BackgroundParts>.Instance), time, NullLogger<Audience>.Instance);
            var loop = new ClusterLoop(
                new ClusterState(snapshot, ClusterRules.Default, time.GetUtcNow()), store, outputs, audience, sessions, options, awake,
                new Vitals(), time, NullLogger<ClusterLoop>.Instance);
            var running = new RunningLoop(folder, database, store, outputs, sessions, loop);
            running.Running = loop.RunAsync(running._stopping.Token);
            return running;
        }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await outputs.DisposeAsync();
            await store.DisposeAsync();
            await database.DisposeAsync();
            folder.Dispose();
            _stopping.Dispose();
        }
    }
}
