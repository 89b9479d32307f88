using Artel.Protocol.V1;
using Artel.Server.Tests.Api;
using Artel.Testing;
using Google.Protobuf;
using Grpc.Core;
using Cluster = Artel.Protocol.V1.Cluster;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.People;

/// <summary>What users may have, over the real service.</summary>
public sealed class QuotaTests
{
    [Fact]
    public async Task Queued_tasks_are_refused_when_they_are_too_many_and_so_are_retried_ones()
    {
        await using var server = await LiveServer.StartAsync();
        var alice = await server.ClientAsync(Role.User, "alice");
        await SetAsync(server, "", new QuotaAmounts { QueuedTasks = 10 });
        var first = await server.SubmitAsync(Job(8), alice);

        var refusal = await RefusedAsync(() => server.SubmitAsync(Job(3), alice));
        Assert.Equal((StatusCode.PermissionDenied, "the quota of alice is 10 queued tasks: 8 have not ended, and 3 more were asked for ('artel quota' shows all)"), refusal);
        await server.SubmitAsync(Job(10), await server.ClientAsync(Role.User, "bob"));
        await server.SubmitAsync(Job(2), alice);

        // What is cancelled counts no more, and what is retried counts again.
        await alice.CancelAsync(new JobAction { Job = first });
        await server.SubmitAsync(Job(8), alice);
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync(async () => await alice.RetryAsync(new JobAction { Job = first }))).Item1);
        Assert.Equal(JobState.Cancelled, (await alice.GetJobAsync(new GetJobRequest { Job = first })).State);
        await SetAsync(server, "alice", new QuotaAmounts { QueuedTasks = -1 });
        Assert.Equal(8, (await alice.RetryAsync(new JobAction { Job = first })).Tasks);
    }

    [Fact]
    public async Task Stored_bytes_count_output_and_submissions_over_a_restart_and_what_runs_may_still_write()
    {
        using var folder = new Storage.TemporaryFolder();
        await using (var server = await LiveServer.StartAsync(folder.Path))
        {
            var alice = await server.ClientAsync(Role.User, "alice");
            await SetAsync(server, "alice", new QuotaAmounts { StoredBytes = 2000 });
            await server.ConnectAsync(new SimulatedWork { Output = ByteString.CopyFrom(new byte[900]) }, "1");

            // Taken in as long as there is room, whatever is written later.
            await server.EndsAsync(await server.SubmitAsync(Job(5), alice));
            var (status, detail) = await RefusedAsync(() => server.SubmitAsync(Job(1), alice));
            Assert.Equal(StatusCode.PermissionDenied, status);
            Assert.Matches("^the quota of alice is 2 KiB of stored bytes: 4.[45] KiB are stored, and this job adds [0-9]+ B", detail);
        }

        await using var again = await LiveServer.StartAsync(folder.Path);
        var used = (await again.Admin.ListQuotasAsync(new ListQuotasRequest())).Users.Single(u => u.User == "alice").Used;
        Assert.InRange(used.StoredBytes, 4500, 4700);
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync(async () => await again.SubmitAsync(Job(1), await again.ClientAsync(Role.User, "alice")))).Item1);
    }

    [Fact]
    public async Task A_large_job_is_refused_before_it_is_stored()
    {
        await using var server = await LiveServer.StartAsync();
        var alice = await server.ClientAsync(Role.User, "alice");
        await SetAsync(server, "", new QuotaAmounts { StoredBytes = 100_000 });
        var large = new JobSpec { Tasks = { new TaskTemplate { Run = { "cat" }, Stdin = ByteString.CopyFrom(new byte[40_000]) } } };

        // All at the same time, so that several are in one commit.
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            try
            {
                await server.SubmitAsync(large.Clone(), alice);
                return StatusCode.OK;
            }
            catch (RpcException e)
            {
                return e.StatusCode;
            }
        }));

        Assert.Equal((2, 8), (outcomes.Count(o => o == StatusCode.OK), outcomes.Count(o => o == StatusCode.PermissionDenied)));
    }

    [Fact]
    public async Task Schedules_are_refused_when_they_are_too_many()
    {
        await using var server = await LiveServer.StartAsync();
        var alice = await server.ClientAsync(Role.User, "alice");
        await SetAsync(server, "", new QuotaAmounts { Schedules = 1 });
        await AddAsync(alice, "a");

        var refusal = await RefusedAsync(() => AddAsync(alice, "b"));

        Assert.Equal((StatusCode.PermissionDenied, "the quota of alice is 1 schedule: there are 1, and this is one more ('artel quota' shows all)"), refusal);
        await alice.RemoveScheduleAsync(new ScheduleName { Name = "a" });
        await AddAsync(alice, "b");
    }

    [Fact]
    public async Task A_priority_is_raised_up_to_the_cap_wherever_it_is_said_and_lowered_always()
    {
        await using var server = await LiveServer.StartAsync();
        var alice = await server.ClientAsync(Role.User, "alice");
        Assert.Equal(
            (StatusCode.PermissionDenied, "the priority 1 is above the cap of alice, which is 0: an admin raises it with 'artel quota set alice --max-priority 1'"),
            await RefusedAsync(() => server.SubmitAsync(Job(1, priority: 1), alice)));
        var job = await server.SubmitAsync(Job(1, priority: -5), alice);

        await SetAsync(server, "alice", new QuotaAmounts { MaxPriority = 10 });
        Assert.Equal(10, (await alice.SetJobAsync(new SetJobRequest { Job = job, Priority = 10 })).Priority);
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync(async () => await alice.SetJobAsync(new SetJobRequest { Job = job, Priority = 11 }))).Item1);
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync(() => AddAsync(alice, "high", 11))).Item1);
        await AddAsync(alice, "nightly", 10);

        // An admin has no cap, also on the job of a user, which its owner may lower but not raise again.
        await server.SubmitAsync(Job(1, priority: 1000));
        Assert.Equal(500, (await server.Admin.SetJobAsync(new SetJobRequest { Job = job, Priority = 500 })).Priority);
        Assert.Equal(400, (await alice.SetJobAsync(new SetJobRequest { Job = job, Priority = 400 })).Priority);
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync(async () => await alice.SetJobAsync(new SetJobRequest { Job = job, Priority = 401 }))).Item1);

        // A cap that is lowered later lowers the jobs of a schedule, and keeps none of them back.
        await SetAsync(server, "alice", new QuotaAmounts { MaxPriority = 3 });
        var made = await alice.RunScheduleAsync(new RunScheduleRequest { Name = "nightly" });
        Assert.Equal(3, (await alice.GetJobAsync(new GetJobRequest { Job = made.Job })).Priority);
    }

    [Fact]
    public async Task A_map_of_a_user_names_tags_with_limits_and_changes_none()
    {
        await using var server = await LiveServer.StartAsync();
        var alice = await server.ClientAsync(Role.User, "alice");
        await server.Admin.SetLimitAsync(new SetLimitRequest { Tag = "db", Most = 4 });

        await server.SubmitAsync(With("db", 4), alice);
        Assert.Equal(
            (StatusCode.PermissionDenied, "limits: only an admin changes limits of the cluster, and this would set that of the tag db to 0 (it is 4): leave it out, the tag keeps to its limit anyway"),
            await RefusedAsync(() => server.SubmitAsync(With("db", 0), alice)));
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync(() => server.SubmitAsync(With("new", 1), alice))).Item1);
        Assert.Equal(StatusCode.PermissionDenied, (await RefusedAsync(async () => await alice.AddScheduleAsync(new AddScheduleRequest { Name = "a", Cron = "@yearly", Job = With("db", 9) }))).Item1);
        Assert.Equal(new Limit { Tag = "db", Most = 4 }, Assert.Single((await alice.ListLimitsAsync(new ListLimitsRequest())).Limits));
        await server.SubmitAsync(With("db", 2));
        Assert.Equal(2, Assert.Single((await alice.ListLimitsAsync(new ListLimitsRequest())).Limits).Most);

        static JobSpec With(string tag, int most)
        {
            var job = Job(1);
            job.Tags.Add(tag);
            job.Limits[tag] = most;
            return job;
        }
    }

    [Fact]
    public async Task Running_tasks_keep_to_the_quota_over_a_restart_and_why_says_so()
    {
        using var folder = new Storage.TemporaryFolder();
        await using (var before = await LiveServer.StartAsync(folder.Path))
        {
            await SetAsync(before, "alice", new QuotaAmounts { RunningTasks = 2 });
        }

        await using var server = await LiveServer.StartAsync(folder.Path);
        var alice = await server.ClientAsync(Role.User, "alice");
        await server.ConnectAsync(new SimulatedWork { Ends = false, MilliCpus = 8000 }, "1");
        var job = await server.SubmitAsync(Job(5), alice);
        await server.BecomesAsync(job, j => j.Counts.Running == 2, "two run");
        var bobs = await server.SubmitAsync(Job(3), await server.ClientAsync(Role.User, "bob"));
        await server.BecomesAsync(bobs, j => j.Counts.Running == 3, "bob's run");

        Assert.Contains("quota of 2 running tasks is used", string.Join('\n', (await alice.ExplainAsync(new ExplainRequest { Job = job })).Reasons), StringComparison.Ordinal);
        Assert.Contains("quota of 2 running tasks is used", string.Join('\n', (await alice.ExplainAsync(new ExplainRequest { Job = job, Task = 5 })).Reasons), StringComparison.Ordinal);
        Assert.Equal(2, (await alice.GetJobAsync(new GetJobRequest { Job = job })).Counts.Running);
        await SetAsync(server, "alice", new QuotaAmounts { RunningTasks = 4 });
        await server.BecomesAsync(job, j => j.Counts.Running == 4, "four run");
    }

    [Fact]
    public async Task A_user_sees_their_own_quota_and_the_default_and_an_admin_all()
    {
        await using var server = await LiveServer.StartAsync();
        var alice = await server.ClientAsync(Role.User, "alice");
        await SetAsync(server, "", new QuotaAmounts { QueuedTasks = 10, Schedules = 3 });
        await SetAsync(server, "alice", new QuotaAmounts { QueuedTasks = -1, MaxPriority = 7 });
        await SetAsync(server, "bob", new QuotaAmounts { StoredBytes = 5 });
        await server.SubmitAsync(Job(4), alice);

        var seen = await alice.ListQuotasAsync(new ListQuotasRequest());
        var own = Assert.Single(seen.Users);
        Assert.Equal(("alice", false, 3, 7), (own.User, own.Limits.HasQueuedTasks, own.Limits.Schedules, own.Limits.MaxPriority));
        Assert.Equal((4, 0, 0), (own.Used.QueuedTasks, own.Used.RunningTasks, own.Used.Schedules));
        Assert.Equal(10, seen.Default.Limits.QueuedTasks);
        Assert.Equal(["alice", "bob"], (await server.Admin.ListQuotasAsync(new ListQuotasRequest())).Users.Select(u => u.User));

        await server.Admin.SetQuotaAsync(new SetQuotaRequest { User = "alice", Reset = true });
        Assert.Equal(10, Assert.Single((await alice.ListQuotasAsync(new ListQuotasRequest())).Users).Limits.QueuedTasks);
        Assert.Equal(StatusCode.InvalidArgument, (await RefusedAsync(() => SetAsync(server, "alice", new QuotaAmounts { QueuedTasks = -2 }))).Item1);
        Assert.Equal(StatusCode.InvalidArgument, (await RefusedAsync(() => SetAsync(server, "alice", new QuotaAmounts()))).Item1);
        Assert.Equal(StatusCode.InvalidArgument, (await RefusedAsync(() => SetAsync(server, "alice", new QuotaAmounts { MaxPriority = 1001 }))).Item1);
    }

    private static JobSpec Job(int tasks, int priority = 0) => new()
    {
        Priority = priority,
        Tasks = { new TaskTemplate { Run = { "true" }, Array = new IndexSet { Ranges = { new IndexRange { First = 1, Last = tasks } } } } },
    };

    private static async Task AddAsync(Cluster.ClusterClient client, string name, int priority = 0) =>
        await client.AddScheduleAsync(new AddScheduleRequest { Name = name, Cron = "@yearly", Job = Job(1, priority) });

    private static async Task SetAsync(LiveServer server, string user, QuotaAmounts set) => await server.Admin.SetQuotaAsync(new SetQuotaRequest { User = user, Set = set });

    private static async Task<(StatusCode, string)> RefusedAsync(Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(act);
        Assert.DoesNotContain('\n', refusal.Status.Detail);
        return (refusal.StatusCode, refusal.Status.Detail);
    }
}
