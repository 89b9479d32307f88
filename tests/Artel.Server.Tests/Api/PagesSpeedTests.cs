using System.Diagnostics;
using Artel.Core;
using Artel.Server.Storage;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Task = System.Threading.Tasks.Task;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Api;

/// <summary>What pages cost about a job of a million tasks and a thousand nodes. Run by hand: <c>--explicit only --filter-class *PagesSpeedTests</c>.</summary>
public sealed class PagesSpeedTests(ITestOutputHelper output)
{
    private const int Tasks = 1_000_000;

    [Fact(Explicit = true)]
    public async Task A_million_tasks()
    {
        using var folder = new Storage.TemporaryFolder();
        await SeedAsync(folder["data"], failedOneIn: [100, 2]);
        await using var server = await LiveServer.StartAsync(folder.Path);
        var start = (await server.Admin.GetJobAsync(new V1.GetJobRequest { Job = 1 })).Submitted.ToDateTimeOffset();
        foreach (var job in (long[])[1, 2])
        {
            await MeasureAsync($"job {job}: map of all", () => server.Admin.GetTaskMapAsync(new V1.GetTaskMapRequest { Job = job, Cells = 10_000 }).ResponseAsync);
            await MeasureAsync($"job {job}: map of a tenth", () => server.Admin.GetTaskMapAsync(new V1.GetTaskMapRequest { Job = job, First = 500_001, Count = 100_000, Cells = 1000 }).ResponseAsync);
            await MeasureAsync($"job {job}: 25 tasks", () => server.Admin.ListTasksAsync(new V1.ListTasksRequest { Job = job, Limit = 25 }).ResponseAsync);
            await MeasureAsync($"job {job}: templates", () => server.Admin.ListTemplatesAsync(new V1.ListTemplatesRequest { Job = job }).ResponseAsync);
            await MeasureAsync($"job {job}: 1000 newest attempts", () => server.Admin.ListAttemptsAsync(new V1.ListAttemptsRequest { Job = job }).ResponseAsync);
            await MeasureAsync($"job {job}: 5000 longest attempts", () => server.Admin.ListAttemptsAsync(new V1.ListAttemptsRequest { Job = job, Limit = 5000, LongestOnly = true }).ResponseAsync);
            await MeasureAsync($"job {job}: 5000 longest of the last tenth", () => server.Admin.ListAttemptsAsync(
                new V1.ListAttemptsRequest { Job = job, From = start.AddSeconds(900).ToTimestamp(), Limit = 5000, LongestOnly = true }).ResponseAsync);
            await MeasureAsync($"job {job}: stats", () => server.Admin.GetJobStatsAsync(new V1.GetJobRequest { Job = job }).ResponseAsync);
        }

        await MeasureAsync("1000 last attempts of a node", () => server.Admin.ListAttemptsAsync(new V1.ListAttemptsRequest { Node = "node-7", Limit = 1000 }).ResponseAsync);
        await MeasureAsync("1000 nodes", () => server.Admin.ListNodesAsync(new V1.ListNodesRequest()).ResponseAsync);
        var revision = (await server.Admin.ListNodesAsync(new V1.ListNodesRequest())).Revision;
        await MeasureAsync("1000 nodes of which none has changed", () => server.Admin.ListNodesAsync(new V1.ListNodesRequest { SinceRevision = revision }).ResponseAsync);
        await MeasureAsync("status with 1000 nodes", () => server.Admin.GetStatusAsync(new V1.GetStatusRequest()).ResponseAsync);
        await MeasureAsync("settings", () => server.Admin.GetSettingsAsync(new V1.GetSettingsRequest()).ResponseAsync);

        var open = await server.SubmitAsync(Spec());
        var cancelled = new V1.JobAction { Job = open, Tasks = { Enumerable.Range(1, 50_000).Select(i => new V1.TaskRange { First = i * 10, Last = i * 10 }) } };
        await server.Admin.CancelAsync(cancelled);
        await MeasureAsync("map of an unfinished job with 50,000 gaps", () => server.Admin.GetTaskMapAsync(new V1.GetTaskMapRequest { Job = open, Cells = 10_000 }).ResponseAsync);
    }

    [Fact(Explicit = true)]
    public void Samples_of_ten_thousand_nodes()
    {
        var now = DateTimeOffset.UnixEpoch;
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, now);
        for (var i = 0; i < 10_000; i++)
        {
            state.Connect(new NodeId($"node-{i}"), new Incarnation(1), new NodeDescription(NodeKind.Native, "", "", "", new Resources(1000, 0, 0, []), []), LeaseSet.Empty, now);
        }

        var nodes = new Server.History.NodeHistories();
        var known = state.Nodes.ToHashSet();
        for (var round = 0; round < 20; round++)
        {
            var watch = Stopwatch.StartNew();
            _ = state.Measure();
            var cluster = watch.Elapsed;
            watch.Restart();
            var loads = state.MeasureNodes();
            var ofNodes = watch.Elapsed;
            watch.Restart();
            nodes.Add(now.AddSeconds(30 * round), loads, known);
            output.WriteLine($"cluster {cluster.TotalMilliseconds:0.00} ms, nodes {ofNodes.TotalMilliseconds:0.00} ms, kept in {watch.Elapsed.TotalMilliseconds:0.00} ms");
        }
    }

    private async Task MeasureAsync<T>(string what, Func<Task<T>> ask)
        where T : IMessage
    {
        const int Times = 10;
        var first = Stopwatch.StartNew();
        var reply = await ask();
        output.WriteLine($"{what}, the first time: {first.Elapsed.TotalMilliseconds:0.0} ms");
        _ = await ask();
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        for (var i = 0; i < Times; i++)
        {
            _ = await ask();
        }

        var (took, used) = (watch.Elapsed, Environment.CpuUsage.TotalTime - cpu);
        var bytes = reply.ToByteArray();
        watch.Restart();
        for (var i = 0; i < Times; i++)
        {
            _ = reply.Descriptor.Parser.ParseFrom(bytes);
        }

        output.WriteLine(
            $"{what}: {took.TotalMilliseconds / Times:0.0} ms, {used.TotalMilliseconds / Times:0.0} ms of cpu here and there, {watch.Elapsed.TotalMilliseconds / Times:0.0} of them to read the answer, {bytes.Length:N0} bytes");
    }

    private static V1.JobSpec Spec() => new()
    {
        Tasks = { new V1.TaskTemplate { Run = { "true" }, Array = new V1.IndexSet { Ranges = { new V1.IndexRange { First = 1, Last = Tasks } } } } },
    };

    /// <summary>Ended jobs of a million tasks each, a millisecond apart, over a thousand nodes.</summary>
    private static async Task SeedAsync(string path, int[] failedOneIn)
    {
        const int BatchSize = 4000;
        using var folder = DataFolder.Open(path);
        await using var database = await Database.OpenAsync(folder, CancellationToken.None);
        await using var store = new SqliteStore(database, TimeProvider.System);
        await store.OpenAsync(Wire.SpecReader.Read, CancellationToken.None);
        var story = new Storage.Story();
        foreach (var i in Enumerable.Range(0, 1000))
        {
            story.Connect($"node-{i}", 7, ("os", "linux"), ("rack", $"{i / 40}"));
        }

        await store.CommitAsync(story.Take(), CancellationToken.None);
        var document = new V1.Submission { Job = Spec(), User = "ada" }.ToByteArray();
        var position = 0L;
        foreach (var (index, oneIn) in failedOneIn.Index())
        {
            var job = new JobId(index + 1);
            var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            await store.CommitAsync([new JobSubmitted(job, Wire.SpecReader.Read(document), document, "", false, at)], CancellationToken.None);
            foreach (var batch in Enumerable.Range(1, Tasks).Chunk(BatchSize))
            {
                await store.CommitAsync(
                    [
                        .. batch.Select(task =>
                        {
                            var fails = task % oneIn == 0;
                            var result = story.Plain(fails ? AttemptOutcome.Failed : AttemptOutcome.Succeeded) with { Started = at.AddMilliseconds(task - (task % 97)) };
                            return new AttemptEnded(
                                new Lease(1, ++position), new LeaseRange(1, position, 1), false, new TaskId(job, task), 1, new NodeId($"node-{task % 1000}"), result, position,
                                fails ? TaskState.Failed : TaskState.Succeeded, null, new TaskHistory(1, fails ? 1 : 0, []), fails ? "exit status 1" : "", at.AddMilliseconds(task));
                        }),
                    ],
                    CancellationToken.None);
            }

            var failed = Tasks / oneIn;
            await store.CommitAsync([new JobEnded(job, JobState.Failed, new TaskCounts(Tasks, 0, 0, 0, 0, Tasks - failed, failed, 0, 0), at.AddSeconds(1000))], CancellationToken.None);
        }
    }
}
