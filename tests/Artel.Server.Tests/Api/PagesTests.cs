using Artel.Protocol.V1;
using Artel.Testing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Api;

public sealed class LiveServerFixture : IAsyncLifetime
{
    private LiveServer? _server;

    internal LiveServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LiveServer.StartAsync();

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>What pages are drawn from, over the real service.</summary>
public sealed class PagesTests(LiveServerFixture shared) : IClassFixture<LiveServerFixture>
{
    private LiveServer Server => shared.Server;

    private Cluster.ClusterClient Admin => Server.Admin;

    [Fact]
    public async Task The_map_of_a_job_counts_its_tasks_while_it_waits_runs_and_after_it_has_ended()
    {
        var job = await Server.SubmitAsync(Array(10, "map-1"));
        var waits = await Admin.GetTaskMapAsync(new GetTaskMapRequest { Job = job, Cells = 4 });
        Assert.Equal((1, 10, 3, 4), (waits.First, waits.Count, waits.CellSize, waits.Cells));
        Assert.Equal([3, 3, 3, 1], waits.Ready);
        Assert.Empty(waits.Succeeded);

        await Admin.CancelAsync(new JobAction { Job = job, Tasks = { new TaskRange { First = 4, Last = 5 } } });
        var part = await Admin.GetTaskMapAsync(new GetTaskMapRequest { Job = job, First = 4, Count = 3 });
        Assert.Equal([1, 1, 0], part.Cancelled);
        Assert.Equal([0, 0, 1], part.Ready);

        await Server.ConnectAsync(new SimulatedWork(), "map-1");
        await Server.EndsAsync(job);
        var ended = await Admin.GetTaskMapAsync(new GetTaskMapRequest { Job = job, Cells = 4 });
        Assert.Equal([3, 1, 3, 1], ended.Succeeded);
        Assert.Equal([0, 2, 0, 0], ended.Cancelled);
        Assert.Empty(ended.Ready);

        var beyond = await Assert.ThrowsAsync<RpcException>(async () => await Admin.GetTaskMapAsync(new GetTaskMapRequest { Job = job, First = 11 }));
        Assert.Equal((StatusCode.NotFound, $"job {job} has tasks 1 to 10, not 11"), (beyond.StatusCode, beyond.Status.Detail));
    }

    [Fact]
    public async Task Figures_that_were_asked_for_before_get_what_has_ended_since()
    {
        var job = await Server.SubmitAsync(Array(10, "figures-1"));
        Assert.Equal(0, (await Admin.GetJobStatsAsync(new GetJobRequest { Job = job })).Attempts);
        await Admin.CancelAsync(new JobAction { Job = job, Tasks = { new TaskRange { First = 4, Last = 10 } } });
        await Server.ConnectAsync(new SimulatedWork(), "figures-1");
        await Server.EndsAsync(job);
        Assert.Equal(3, (await Admin.GetJobStatsAsync(new GetJobRequest { Job = job })).Duration.Count);
        await Admin.RetryAsync(new JobAction { Job = job });
        await Server.EndsAsync(job);

        var stats = await Admin.GetJobStatsAsync(new GetJobRequest { Job = job });

        Assert.Equal((10, 10, 10), (stats.Attempts, stats.Succeeded, stats.Duration.Count));
        Assert.Equal(stats, await Admin.GetJobStatsAsync(new GetJobRequest { Job = job }));
    }

    [Fact]
    public async Task Templates_tell_their_states_and_what_they_wait_for()
    {
        var spec = new JobSpec
        {
            Sections = { new NodeSection { Node = "templates-1", Tasks = { new TaskTemplate { Name = "list", Run = { "a" } } } } },
            Tasks =
            {
                new TaskTemplate { Name = "array", Run = { "b", "{index}" }, Array = Indices(5), Labels = { ["on"] = "templates" } },
                new TaskTemplate { Name = "last", Run = { "c" }, After = { new Dependency { Name = "array", AnyOutcome = true }, new Dependency { Name = "list", AnyOutcome = true } } },
            },
        };
        var job = await Server.SubmitAsync(spec);

        var open = await Admin.ListTemplatesAsync(new ListTemplatesRequest { Job = job });
        Assert.Equal(3, open.TemplateCount);
        Assert.Equal(["templates-1", "", ""], open.Templates.Select(t => t.Node));
        Assert.Equal([1, 2, 7], open.Templates.Select(t => t.FirstTask));
        Assert.Equal([1, 0], open.Templates[2].AfterNumbers);
        Assert.Equal(5, open.Templates[1].Counts.Ready);
        Assert.Equal(1, open.Templates[2].Counts.Waiting);

        await Admin.CancelAsync(new JobAction { Job = job, Tasks = { new TaskRange { First = 1, Last = 3 } } });
        await Admin.CancelAsync(new JobAction { Job = job });
        var page = await Admin.ListTemplatesAsync(new ListTemplatesRequest { Job = job, Skip = 1, Limit = 1 });
        var ended = Assert.Single(page.Templates);
        Assert.Equal((1, "array", 5, 0), (ended.Number, ended.Name, ended.Counts.Cancelled, ended.Counts.Succeeded));
        Assert.Empty((await Admin.ListTemplatesAsync(new ListTemplatesRequest { Job = job, Skip = 3 })).Templates);
    }

    [Fact]
    public async Task Attempts_of_a_job_and_of_a_node_are_seen_as_they_run_and_after_that()
    {
        await Server.ConnectAsync(new SimulatedWork { Ends = false, MilliCpus = 2000 }, "runs-1");
        await Server.ConnectAsync(new SimulatedWork(), "ends-1");
        var job = await Server.SubmitAsync(new JobSpec
        {
            Sections =
            {
                new NodeSection { Node = "ends-1", AtOnce = 20, Tasks = { new TaskTemplate { Run = { "a" }, Array = Indices(20) } } },
                new NodeSection { Node = "runs-1", AtOnce = 2, Tasks = { new TaskTemplate { Run = { "a" }, Array = Indices(2) } } },
            },
        });
        await Server.BecomesAsync(job, j => j.Counts is { Running: 2, Succeeded: 20 }, "20 tasks have succeeded, 2 run");

        var all = await Admin.ListAttemptsAsync(new ListAttemptsRequest { Job = job });
        Assert.Equal((22, 22, false), (all.Attempts.Count, all.Total, all.More));
        Assert.All(all.Attempts.Take(2), a => Assert.Equal(("runs-1", null, AttemptOutcome.Unspecified), (a.Node, a.Ended, a.Outcome)));
        Assert.All(all.Attempts.Skip(2), a => Assert.Equal(("ends-1", AttemptOutcome.Succeeded, true), (a.Node, a.Outcome, a.Started <= a.Ended)));

        var few = await Admin.ListAttemptsAsync(new ListAttemptsRequest { Job = job, Limit = 5, LongestOnly = true });
        Assert.Equal((5, 22, true), (few.Attempts.Count, few.Total, few.More));
        Assert.Equal(2, few.Attempts.Count(a => a.Ended is null));
        Assert.Equal(all.Attempts.Reverse().Take(5), (await Admin.ListAttemptsAsync(new ListAttemptsRequest { Job = job, Limit = 5, OldestFirst = true })).Attempts);

        var before = await Admin.ListAttemptsAsync(new ListAttemptsRequest { Job = job, To = all.Attempts.Min(a => a.Started.ToDateTimeOffset()).ToTimestamp() });
        Assert.Equal((0, 0), (before.Attempts.Count, before.Total));
        var later = await Admin.ListAttemptsAsync(new ListAttemptsRequest { Job = job, From = DateTimeOffset.UnixEpoch.AddYears(200).ToTimestamp() });
        Assert.All(later.Attempts, a => Assert.Equal("runs-1", a.Node));

        var ofNode = await Admin.ListAttemptsAsync(new ListAttemptsRequest { Node = "ends-1", Limit = 7 });
        Assert.Equal((7, true), (ofNode.Attempts.Count, ofNode.More));
        Assert.All(ofNode.Attempts, a => Assert.Equal((job, "ends-1"), (a.Job, a.Node)));
        Assert.Equal(2, (await Admin.ListAttemptsAsync(new ListAttemptsRequest { Node = "runs-1" })).Attempts.Count);
        await Admin.CancelAsync(new JobAction { Job = job });
    }

    [Fact]
    public async Task A_job_is_seen_as_it_was_submitted_and_what_may_be_secret_in_it_by_its_user_and_admins_alone()
    {
        var (anna, bert) = (await Server.ClientAsync(Role.User, "anna"), await Server.ClientAsync(Role.Viewer, "bert"));
        var spec = new JobSpec
        {
            Name = "secretive",
            Hold = true,
            OnEnd = new OnEnd { Webhook = "https://hooks.example.org/services/s3cr3t" },
            Tasks =
            {
                new TaskTemplate
                {
                    Name = "t", Run = { "run", "{index}" }, Array = Indices(3), Cwd = "/w/{index}", Labels = { ["os"] = "linux" }, Stdin = ByteString.CopyFromUtf8("s3cr3t"),
                    Env = { ["PLAIN"] = "a{index}", ["My_Api_Token"] = "s3cr3t", ["DB_PASSWORD"] = "s3cr3t" },
                },
            },
        };
        var job = await Server.SubmitAsync(spec, anna);

        var own = await anna.GetJobSpecAsync(new GetJobRequest { Job = job });
        Assert.Equal((spec, "anna", false), (own.Job, own.User, own.Masked));
        Assert.Contains("webhook: \"https://hooks.example.org/services/s3cr3t\"", own.Map, StringComparison.Ordinal);
        Assert.Equal(own, await Admin.GetJobSpecAsync(new GetJobRequest { Job = job }));
        Assert.Equal(new SubmittedJob { User = "anna", Hidden = true }, await bert.GetJobSpecAsync(new GetJobRequest { Job = job }));

        var detail = await anna.GetTaskAsync(new GetTaskRequest { Job = job, Task = 2 });
        Assert.Equal(["run", "2"], detail.Run);
        Assert.Equal(("a2", "s3cr3t", "/w/2", "linux"), (detail.Env["PLAIN"], detail.Env["My_Api_Token"], detail.Cwd, detail.Labels["os"]));
        var hidden = await bert.GetTaskAsync(new GetTaskRequest { Job = job, Task = 2 });
        Assert.Equal((true, "t", 2, 0, 0, "", "linux"), (hidden.Hidden, hidden.Name, hidden.Index, hidden.Run.Count, hidden.Env.Count, hidden.Cwd, hidden.Labels["os"]));
        Assert.Empty((await Admin.ListTasksAsync(new ListTasksRequest { Job = job })).Tasks[0].Env);
        await Admin.CancelAsync(new JobAction { Job = job });
        Assert.DoesNotContain("s3cr3t", (await bert.GetJobSpecAsync(new GetJobRequest { Job = job })).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_window_of_an_output_is_read_and_texts_in_it_are_found()
    {
        var output = ByteString.CopyFromUtf8(string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i:000}\n")));
        await Server.ConnectAsync(new SimulatedWork { Output = output }, "writes-1");
        var job = await Server.SubmitAsync(new JobSpec { Sections = { new NodeSection { Node = "writes-1", Tasks = { new TaskTemplate { Run = { "a" } } } } } });
        await Server.EndsAsync(job);

        Assert.Equal((18L, "line 002\n"), await WindowAsync(new ReadOutputRequest { Offset = 18, Limit = 9 }));
        Assert.Equal((9000L - 18, "line 998\nli"), await WindowAsync(new ReadOutputRequest { Offset = -18, Limit = 11 }));
        Assert.Equal((9000L - 9, "line 999\n"), await WindowAsync(new ReadOutputRequest { Offset = -9, Limit = 100 }));

        var found = await FindAsync(new FindInOutputRequest { Text = "LINE 5", IgnoreCase = true });
        Assert.Equal((500 * 9, (500 * 9) + 1, 1), (found.Found, found.NextOffset, found.Attempt));
        Assert.Equal(501 * 9, (await FindAsync(new FindInOutputRequest { Bytes = ByteString.CopyFromUtf8("line 5"), Offset = found.NextOffset })).Found);
        var none = await FindAsync(new FindInOutputRequest { Text = "LINE 5" });
        Assert.Equal((false, true), (none.HasFound, none.End));

        async Task<(long, string)> WindowAsync(ReadOutputRequest request)
        {
            (request.Job, request.Task) = (job, 1);
            request.Streams.Add(Artel.Protocol.V1.Stream.Stdout);
            using var call = Admin.ReadOutput(request);
            var chunks = new List<OutputChunk>();
            await foreach (var chunk in call.ResponseStream.ReadAllAsync())
            {
                chunks.Add(chunk);
            }

            return (chunks[0].Offset, string.Concat(chunks.Select(c => c.Data.ToStringUtf8())));
        }

        async Task<FindInOutputReply> FindAsync(FindInOutputRequest request)
        {
            (request.Job, request.Task) = (job, 1);
            return await Admin.FindInOutputAsync(request);
        }
    }

    [Fact]
    public async Task Only_nodes_that_have_changed_are_listed_again()
    {
        await Server.ConnectAsync(new SimulatedWork(), "board-1", "board-2");
        var all = await Admin.ListNodesAsync(new ListNodesRequest());
        Assert.True(all.All);
        Assert.Contains(all.Nodes, n => n.Id == "board-1");

        await Admin.DrainNodeAsync(new NodeAction { Id = "board-2" });
        var changed = await Admin.ListNodesAsync(new ListNodesRequest { SinceRevision = all.Revision });
        Assert.False(changed.All);
        Assert.True(changed.Nodes.Single(n => n.Id == "board-2").Draining);
        Assert.DoesNotContain(changed.Nodes, n => n.Id == "board-1");

        await Admin.ForgetNodeAsync(new NodeAction { Id = "board-1" });
        Assert.Contains("board-1", (await Admin.ListNodesAsync(new ListNodesRequest { SinceRevision = changed.Revision })).Gone);
        Assert.True((await Admin.ListNodesAsync(new ListNodesRequest { SinceRevision = 1 })).All);
        Assert.True((await Admin.ListNodesAsync(new ListNodesRequest { SinceRevision = long.MaxValue })).All);
        var wrong = await Assert.ThrowsAsync<RpcException>(async () => await Admin.ListNodesAsync(new ListNodesRequest { SinceRevision = -1 }));
        Assert.Equal(StatusCode.InvalidArgument, wrong.StatusCode);
    }

    [Fact]
    public async Task Settings_are_seen_by_all_and_folders_by_admins()
    {
        var viewer = await Server.ClientAsync(Role.Viewer, "carla");

        var seen = await viewer.GetSettingsAsync(new GetSettingsRequest());

        Assert.Equal((10, 30, 3), (seen.Heartbeat.Seconds, seen.LostAfter.Seconds, seen.MaxLosses));
        Assert.Equal(["hooks.example.org"], seen.WebhookHosts);
        Assert.True(seen.StoreBytes > 0 && seen.FreeBytes > 0 && seen.DiskBytes >= seen.FreeBytes && seen.MaxConnections > 0, seen.ToString());
        Assert.Equal(("", ""), (seen.DataFolder, seen.HomeFolder));
        Assert.Equal(Path.Combine(Server.Folder, "data"), (await Admin.GetSettingsAsync(new GetSettingsRequest())).DataFolder);
    }

    [Fact]
    public async Task The_history_tells_what_the_cluster_did()
    {
        await Server.ConnectAsync(new SimulatedWork { Ends = false }, "history-1");
        var job = await Server.SubmitAsync(new JobSpec { Sections = { new NodeSection { Node = "history-1", Tasks = { new TaskTemplate { Run = { "a" }, Needs = new Needs { MilliCpus = 600 } } } } } });
        await Server.BecomesAsync(job, j => j.Counts.Running == 1, "the task runs");

        var seen = await Polling.UntilAsync(
            async () => (await Admin.GetHistoryAsync(new GetHistoryRequest())).Samples.LastOrDefault(),
            s => s is { Running: > 0, MilliCpus: >= 600 }, "a sample has it", TimeSpan.FromSeconds(20));

        Assert.True(seen!.NodesConnected > 0 && seen.MilliCpusTotal >= seen.MilliCpus && seen.Span.ToTimeSpan() > TimeSpan.FromSeconds(1), seen.ToString());
        Assert.Empty((await Admin.GetHistoryAsync(new GetHistoryRequest { Since = seen.At.ToDateTimeOffset().AddDays(1).ToTimestamp() })).Samples);
        _ = await Admin.GetHistoryAsync(new GetHistoryRequest { Node = "history-1" });
        await Admin.CancelAsync(new JobAction { Job = job });
    }

    public static TheoryData<string, Func<Cluster.ClusterClient, Task>> Wrong => new()
    {
        { "points is 721", c => c.GetHistoryAsync(new GetHistoryRequest { Points = 721 }).ResponseAsync },
        { "since is not a time", c => c.GetHistoryAsync(new GetHistoryRequest { Since = new Timestamp { Nanos = -1 } }).ResponseAsync },
        { "there is no node 'ghost'", c => c.GetHistoryAsync(new GetHistoryRequest { Node = "ghost" }).ResponseAsync },
        { "cells is 10001", c => c.GetTaskMapAsync(new GetTaskMapRequest { Job = 1, Cells = 10_001 }).ResponseAsync },
        { "cells is -1", c => c.GetTaskMapAsync(new GetTaskMapRequest { Job = 1, Cells = -1 }).ResponseAsync },
        { "there is no job 999", c => c.GetTaskMapAsync(new GetTaskMapRequest { Job = 999 }).ResponseAsync },
        { "there is no job 999", c => c.ListTemplatesAsync(new ListTemplatesRequest { Job = 999 }).ResponseAsync },
        { "limit is 1001", c => c.ListTemplatesAsync(new ListTemplatesRequest { Job = 1, Limit = 1001 }).ResponseAsync },
        { "skip is -1", c => c.ListTemplatesAsync(new ListTemplatesRequest { Job = 1, Skip = -1 }).ResponseAsync },
        { "job and node: give one of them", c => c.ListAttemptsAsync(new ListAttemptsRequest()).ResponseAsync },
        { "job and node: give one of them", c => c.ListAttemptsAsync(new ListAttemptsRequest { Job = 1, Node = "1" }).ResponseAsync },
        { "limit is 5001", c => c.ListAttemptsAsync(new ListAttemptsRequest { Job = 1, Limit = 5001 }).ResponseAsync },
        { "limit is 1001", c => c.ListAttemptsAsync(new ListAttemptsRequest { Node = "1", Limit = 1001 }).ResponseAsync },
        { "longest_only is for", c => c.ListAttemptsAsync(new ListAttemptsRequest { Node = "1", LongestOnly = true }).ResponseAsync },
        { "from is not before to", c => c.ListAttemptsAsync(new ListAttemptsRequest { Job = 1, From = new Timestamp { Seconds = 2 }, To = new Timestamp { Seconds = 2 } }).ResponseAsync },
        { "to is not a time", c => c.ListAttemptsAsync(new ListAttemptsRequest { Job = 1, To = new Timestamp { Seconds = long.MaxValue } }).ResponseAsync },
        { "there is no job 999", c => c.ListAttemptsAsync(new ListAttemptsRequest { Job = 999 }).ResponseAsync },
        { "there is no node 'ghost'", c => c.ListAttemptsAsync(new ListAttemptsRequest { Node = "ghost" }).ResponseAsync },
        { "there is no job 999", c => c.GetJobSpecAsync(new GetJobRequest { Job = 999 }).ResponseAsync },
        { "text has 0 bytes", c => c.FindInOutputAsync(new FindInOutputRequest { Job = 1, Task = 1 }).ResponseAsync },
        { "text has 4097 bytes", c => c.FindInOutputAsync(new FindInOutputRequest { Job = 1, Task = 1, Text = new string('a', 4097) }).ResponseAsync },
        { "offset is -1", c => c.FindInOutputAsync(new FindInOutputRequest { Job = 1, Task = 1, Text = "a", Offset = -1 }).ResponseAsync },
        { "there is no job 999", c => c.FindInOutputAsync(new FindInOutputRequest { Job = 999, Task = 1, Text = "a" }).ResponseAsync },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task What_is_wrong_is_refused_with_one_line(string says, Func<Cluster.ClusterClient, Task> ask)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => ask(Admin));

        Assert.Contains(refusal.StatusCode, (StatusCode[])[StatusCode.InvalidArgument, StatusCode.NotFound]);
        Assert.StartsWith(says, refusal.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Status.Detail);
    }

    private static JobSpec Array(int count, string node) => new()
    {
        Sections = { new NodeSection { Node = node, AtOnce = 4, Tasks = { new TaskTemplate { Run = { "a" }, Array = Indices(count) } } } },
    };

    private static IndexSet Indices(int count) => new() { Ranges = { new IndexRange { First = 1, Last = count } } };
}
