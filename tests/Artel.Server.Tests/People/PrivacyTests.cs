using System.Text;
using Artel.Protocol.V1;
using Artel.Server.Tests.Api;
using Artel.Testing;
using Google.Protobuf;
using Grpc.Core;
using Cluster = Artel.Protocol.V1.Cluster;
using Privacy = Artel.Server.People.Privacy;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.People;

/// <summary>
/// What is inside alice's jobs, looked for in the bytes of every answer that the service can give. A call that is new has to be put into the table
/// here, with questions for everything that it tells of a job.
/// </summary>
public sealed class PrivacyTests
{
    /// <summary>In arguments, entries, folders, output, error messages.</summary>
    private const string Inside = "insideAliceOnly7f3a";

    /// <summary>In the environment, on standard input, in what follows the end.</summary>
    private const string Secret = "secretAliceOnly9c4e";

    /// <summary>Questions of each call about one job with a task 1; about no job where it is of none.</summary>
    private static readonly Dictionary<string, Func<long, IEnumerable<IMessage>>> Questions = new()
    {
        ["GetStatus"] = _ => [new GetStatusRequest()],
        ["ListJobs"] = _ => [new ListJobsRequest()],
        ["GetJob"] = job => [new GetJobRequest { Job = job }],
        ["WatchJob"] = job => [new GetJobRequest { Job = job }],
        ["ListTasks"] = job => [new ListTasksRequest { Job = job }, new ListTasksRequest { Job = job, States = { TaskState.Failed, TaskState.Running, TaskState.Ready } }],
        ["GetTask"] = job => [new GetTaskRequest { Job = job, Task = 1 }],
        ["Explain"] = job => [new ExplainRequest { Job = job }, new ExplainRequest { Job = job, Task = 1 }],
        ["ReadOutput"] = job => [new ReadOutputRequest { Job = job, Task = 1 }, new ReadOutputRequest { Job = job, Task = 1, Attempt = 1, TailLines = 3 }],
        ["FetchResults"] = job => [new FetchResultsRequest { Job = job }, new FetchResultsRequest { Job = job, WithoutOutput = true }],
        ["ListNodes"] = _ => [new ListNodesRequest()],
        ["GetNode"] = _ => [new GetNodeRequest { Id = "fails" }, new GetNodeRequest { Id = "hangs" }],
        ["WatchEvents"] = job => [new WatchEventsRequest(), new WatchEventsRequest { Job = job }],
        ["ListLimits"] = _ => [new ListLimitsRequest()],
        ["ListQuotas"] = _ => [new ListQuotasRequest()],
        ["GroupFailures"] = job => [new GroupFailuresRequest { Job = job }],
        ["GetJobStats"] = job => [new GetJobRequest { Job = job }],
        ["ListSchedules"] = _ => [new ListSchedulesRequest()],
        ["GetSchedule"] = _ => [new ScheduleName { Name = "nightly" }],
        ["GetHistory"] = _ => [new GetHistoryRequest(), new GetHistoryRequest { Node = "fails" }],
        ["GetTaskMap"] = job => [new GetTaskMapRequest { Job = job }],
        ["ListTemplates"] = job => [new ListTemplatesRequest { Job = job }],
        ["ListAttempts"] = job => [new ListAttemptsRequest { Job = job }, new ListAttemptsRequest { Node = "fails" }, new ListAttemptsRequest { Node = "hangs" }],
        ["GetJobSpec"] = job => [new GetJobRequest { Job = job }],
        ["FindInOutput"] = job => [new FindInOutputRequest { Job = job, Task = 1, Text = "x" }],
        ["GetUsage"] = _ => [new GetUsageRequest(), new GetUsageRequest { By = UsageKey.Tag }],
        ["GetSettings"] = _ => [new GetSettingsRequest()],
        ["Submit"] = job => [new SubmitRequest { RequestId = "alices", Job = new JobSpec { Tasks = { new TaskTemplate { Run = { "true" } } }, After = { new JobDependency { Job = job, Task = 1, AnyOutcome = true } } } }],
        ["CheckPlaces"] = _ =>
            [new CheckPlacesRequest { Places = { new PlaceQuestion { Place = new Place { Cwd = "/" } } } }],
        ["Cancel"] = job => [new JobAction { Job = job, Tasks = { new TaskRange { First = 1, Last = 1 } }, States = { TaskState.Waiting } }],
        ["Retry"] = job => [new JobAction { Job = job, Tasks = { new TaskRange { First = 2, Last = 2 } } }],
        ["Hold"] = job => [new JobAction { Job = job }],
        ["Release"] = job => [new JobAction { Job = job }],
        ["SetJob"] = job => [new SetJobRequest { Job = job, Priority = 0 }],
        ["SetLimit"] = _ => [new SetLimitRequest { Tag = "db", Most = 1 }],
        ["SetQuota"] = _ => [new SetQuotaRequest { User = "alice", Reset = true }],
        ["AddSchedule"] = _ => [new AddScheduleRequest { Name = "nightly", Cron = "@yearly", Job = new JobSpec { Tasks = { new TaskTemplate { Run = { "true" } } } } }],
        ["PauseSchedule"] = _ => [new ScheduleName { Name = "nightly" }],
        ["ResumeSchedule"] = _ => [new ScheduleName { Name = "nightly" }],
        ["RunSchedule"] = _ => [new RunScheduleRequest { Name = "nightly" }],
        ["DrainNode"] = _ => [new NodeAction { Id = "fails" }],
        ["ResumeNode"] = _ => [new NodeAction { Id = "fails" }],
        ["ListTokens"] = _ => [new ListTokensRequest()],
        ["CreateToken"] = _ => [new CreateTokenRequest { Role = Role.Viewer, Name = "x" }],
        ["RevokeToken"] = _ => [new RevokeTokenRequest { Id = "x" }],
        ["CreateLoginLink"] = _ => [new CreateLoginLinkRequest()],
        ["OpenSession"] = _ => [new OpenSessionRequest()],
        ["CloseSession"] = _ => [new CloseSessionRequest()],

        // Last: these take away what the others ask for.
        ["RemoveSchedule"] = _ => [new ScheduleName { Name = "nightly" }],
        ["StopNode"] = _ => [new NodeAction { Id = "nobody" }],
        ["ForgetNode"] = _ => [new NodeAction { Id = "nobody" }],
        ["RotateKey"] = _ => [new RotateKeyRequest()],
        ["StopServer"] = _ => [],
        ["ListAudit"] = _ => [new ListAuditRequest()],
    };

    /// <summary>What tells the inside of a job to its owner.</summary>
    private static readonly string[] Tell =
        ["ListTasks", "GetTask", "Explain", "ReadOutput", "FetchResults", "WatchEvents", "GroupFailures", "ListTemplates", "GetJobSpec"];

    [Fact]
    public void Every_call_is_known_here() =>
        Assert.Equal(Cluster.Descriptor.Methods.Select(m => m.Name).Order(), Questions.Keys.Order());

    [Fact]
    public async Task Nothing_that_is_inside_a_job_reaches_others_and_all_of_it_its_owner()
    {
        await using var server = await LiveServer.StartAsync();
        var jobs = await MakeAlicesAsync(server);

        foreach (var (role, name) in ((Role, string)[])[(Role.User, "bob"), (Role.Viewer, "viewer"), (Role.Viewer, "alice")])
        {
            var seen = await AskAllAsync(await server.CallerAsync(role, name), jobs);
            Assert.Equal((name, [], []), (name, Telling(seen, Inside), Telling(seen, Secret)));
            Assert.Equal(StatusCode.PermissionDenied, seen.First(s => s.Method == "ReadOutput").Status.StatusCode);
            Assert.Equal("the output of job 1 is hidden: only alice, who owns the job, and admins see it", seen.First(s => s.Method == "ReadOutput").Status.Detail);
            Assert.Equal(StatusCode.PermissionDenied, seen.First(s => s.Method == "FetchResults").Status.StatusCode);
            Assert.Equal(StatusCode.PermissionDenied, seen.First(s => s.Method == "FindInOutput").Status.StatusCode);
        }

        // What is hidden says that it is, with what all may see.
        var bob = await server.ClientAsync(Role.User, "bob");
        var task = await bob.GetTaskAsync(new GetTaskRequest { Job = 1, Task = 1 });
        Assert.Equal((true, "fails", TaskState.Failed, "exit status 3", 2), (task.Hidden, task.Name, task.State, task.Reason, task.AttemptCount));
        Assert.True((await bob.GetJobSpecAsync(new GetJobRequest { Job = 1 })).Hidden);
        Assert.True((await bob.ExplainAsync(new ExplainRequest { Job = 1 })).Hidden);
        Assert.True((await bob.GetScheduleAsync(new ScheduleName { Name = "nightly" })).Hidden);
        Assert.All((await bob.ListTemplatesAsync(new ListTemplatesRequest { Job = 1 })).Templates, t => Assert.True(t.Hidden));
        Assert.True((await bob.GroupFailuresAsync(new GroupFailuresRequest { Job = 1 })).Groups[0].Example.Hidden);

        var own = await AskAllAsync(await server.CallerAsync(Role.User, "alice"), jobs);
        Assert.Equal(Tell.Order(), Telling(own, Inside));
        Assert.Equal(["GetJobSpec", "GetTask"], Telling(own, Secret).Intersect(["GetJobSpec", "GetTask"]));
        Assert.Equal(Tell.Order(), Telling(await AskAllAsync(await server.CallerAsync(Role.Admin, "carol"), jobs), Inside));
    }

    [Fact]
    public async Task Where_all_is_shown_what_may_be_secret_is_not()
    {
        await using var server = await LiveServer.StartAsync(privacy: Privacy.All);
        var jobs = await MakeAlicesAsync(server);

        foreach (var (role, name) in ((Role, string)[])[(Role.User, "bob"), (Role.Viewer, "viewer")])
        {
            var seen = await AskAllAsync(await server.CallerAsync(role, name), jobs);
            Assert.Equal(Tell.Order(), Telling(seen, Inside));
            Assert.Equal([], Telling(seen, Secret));
        }

        var bob = await server.ClientAsync(Role.User, "bob");
        Assert.All((await bob.GetTaskAsync(new GetTaskRequest { Job = 1, Task = 1 })).Env, e => Assert.Equal("***", e.Value));
        Assert.True((await bob.GetJobSpecAsync(new GetJobRequest { Job = 1 })).Masked);
        Assert.Equal(Artel.Protocol.V1.Privacy.All, (await bob.GetStatusAsync(new GetStatusRequest())).Privacy);
        Assert.Equal(Artel.Protocol.V1.Privacy.All, (await bob.GetSettingsAsync(new GetSettingsRequest())).Privacy);
    }

    /// <summary>One job that has failed, one that runs, one that waits, the one that the end of the first made, and a schedule.</summary>
    private static async Task<IReadOnlyList<long>> MakeAlicesAsync(LiveServer server)
    {
        var alice = await server.ClientAsync(Role.User, "alice");
        await server.ConnectAsync(new SimulatedWork { Failure = Inside, Output = ByteString.CopyFromUtf8(Inside) }, "fails");
        await server.ConnectAsync(new SimulatedWork { Ends = false }, "hangs");
        var failed = await server.SubmitAsync(Job("fails", retries: 1), alice);
        await server.EndsAsync(failed);
        var running = await server.SubmitAsync(Job("hangs"), alice);
        await server.BecomesAsync(running, j => j.Counts.Running > 0, "the task runs");
        var waiting = await server.SubmitAsync(Job("nobody"), alice);
        await alice.AddScheduleAsync(new AddScheduleRequest { Name = "nightly", Cron = "@yearly", Job = Job("nobody") });
        var ofEnd = (await Polling.UntilAsync(
            async () => (await server.Admin.ListJobsAsync(new ListJobsRequest())).Jobs.FirstOrDefault(j => j.Name == $"on-end of {failed}"), j => j is not null,
            "the end has made its job", TimeSpan.FromSeconds(20)))!;
        Assert.Equal("alice", ofEnd.User);
        return [failed, running, waiting, ofEnd.Id];
    }

    private static JobSpec Job(string node, int retries = 0) => new()
    {
        Name = "visible",
        OnEnd = new OnEnd { Command = { "notify", Secret }, Webhook = $"https://hooks.example.org/{Secret}", When = OnEnd.Types.When.Failure },
        Sections =
        {
            new NodeSection
            {
                Node = node,
                Tasks =
                {
                    new TaskTemplate
                    {
                        Name = "fails", Run = { "program", Inside, "{entry}" }, Axes = { new Axis { Values = { Inside } } }, Cwd = $"/{Inside}", Stdin = ByteString.CopyFromUtf8(Secret),
                        Env = { ["DATABASE_URL"] = Secret, ["PGPASS"] = Secret, ["PLAIN"] = Secret }, Retry = new RetryPolicy { Retries = retries, Backoff = new() { Nanos = 1000 } },
                    },
                },
            },
        },
    };

    /// <summary>Asks everything that can be asked.</summary>
    private static async Task<List<Seen>> AskAllAsync(CallInvoker caller, IReadOnlyList<long> jobs)
    {
        var seen = new List<Seen>();
        foreach (var (name, questions) in Questions)
        {
            var method = Cluster.Descriptor.FindMethodByName(name);
            var most = name == "WatchJob" ? 1 : int.MaxValue;

            // The simulated node of what runs has no output to give, and does not say so.
            var isOfFirst = name is "ReadOutput" or "FindInOutput" || questions(1).SequenceEqual(questions(2));
            foreach (var job in isOfFirst ? jobs.Take(1) : jobs)
            {
                foreach (var question in questions(job))
                {
                    var (status, answers) = await AnyCall.CallAsync(caller, method, question, most, TestContext.Current.CancellationToken);
                    seen.Add(new Seen(name, job, status, answers));
                }
            }
        }

        return seen;
    }

    /// <summary>The calls in whose answers, or refusals, a text is.</summary>
    private static string[] Telling(List<Seen> seen, string text) =>
    [
        .. seen.Where(s => s.Status.Detail.Contains(text, StringComparison.Ordinal) || s.Answers.Any(a => a.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0))
            .Select(s => s.Method).Distinct().Order(),
    ];

    private sealed record Seen(string Method, long Job, Status Status, IReadOnlyList<byte[]> Answers);
}
