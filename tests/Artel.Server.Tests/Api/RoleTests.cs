using Artel.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Cluster = Artel.Protocol.V1.Cluster;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Api;

/// <summary>Each call of the cluster's interface by each role, over the real server: with a token, as the command line, and with a session, as the dashboard.</summary>
public sealed class RoleTests
{
    private static readonly Role[] Roles = [Role.Viewer, Role.User, Role.Admin];

    // A viewer sees, a user acts on jobs of their own, an admin on everything.
    private static readonly Dictionary<Role, string[]> Calls = new()
    {
        [Role.Viewer] =
        [
            "GetStatus", "ListJobs", "GetJob", "WatchJob", "ListTasks", "GetTask", "Explain", "ReadOutput", "FetchResults", "ListNodes", "GetNode",
            "CreateLoginLink", "OpenSession", "WatchEvents", "ListLimits", "GroupFailures", "GetJobStats", "ListSchedules", "GetSchedule", "GetHistory",
            "GetTaskMap", "ListTemplates", "ListAttempts", "GetJobSpec", "FindInOutput", "GetSettings", "ListQuotas", "CloseSession", "GetUsage",
        ],
        [Role.User] =
        [
            "Submit", "CheckPlaces", "Cancel", "Retry", "Hold", "Release", "SetJob", "AddSchedule", "PauseSchedule", "ResumeSchedule", "RunSchedule",
            "RemoveSchedule",
        ],
        [Role.Admin] =
        [
            "SetLimit", "SetQuota", "DrainNode", "ResumeNode", "StopNode", "ForgetNode", "CreateToken", "ListTokens", "RevokeToken", "RotateKey",
            "StopServer", "ListAudit",
        ],
    };

    // These end what the others need.
    private static readonly string[] Last = ["StopServer", "CloseSession"];

    public static TheoryData<bool, Role> Callers() => [.. Roles.SelectMany(r => new[] { (false, r), (true, r) })];

    [Fact]
    public void Every_call_is_known_here() =>
        Assert.Equal(Cluster.Descriptor.Methods.Select(m => m.Name).Order(), Calls.Values.SelectMany(c => c).Order());

    /// <summary>What acts on a job or a schedule that is there: each with a question that does what it is for.</summary>
    private static readonly Dictionary<string, Func<long, string, IMessage>> Actions = new()
    {
        ["Hold"] = (job, _) => new JobAction { Job = job },
        ["Release"] = (job, _) => new JobAction { Job = job },
        ["SetJob"] = (job, _) => new SetJobRequest { Job = job, Priority = -1 },
        ["Cancel"] = (job, _) => new JobAction { Job = job },
        ["Retry"] = (job, _) => new JobAction { Job = job },
        ["PauseSchedule"] = (_, schedule) => new ScheduleName { Name = schedule },
        ["ResumeSchedule"] = (_, schedule) => new ScheduleName { Name = schedule },
        ["RunSchedule"] = (_, schedule) => new RunScheduleRequest { Name = schedule },
        ["RemoveSchedule"] = (_, schedule) => new ScheduleName { Name = schedule },
    };

    /// <summary>What makes something new, which is its maker's own, or is about nobody's.</summary>
    private static readonly string[] Makers = ["Submit", "AddSchedule", "CheckPlaces"];

    /// <summary>Caller by caller: role, name, and whether what is alice's is theirs to act on.</summary>
    public static TheoryData<Role, string, bool> Others() => new()
    {
        { Role.User, "alice", true }, { Role.User, "bob", false }, { Role.User, "Alice", false }, { Role.Viewer, "alice", false }, { Role.Admin, "carol", true },
    };

    [Fact]
    public void Every_action_of_a_user_is_known_here() => Assert.Equal(Calls[Role.User].Order(), Actions.Keys.Concat(Makers).Order());

    [Theory]
    [MemberData(nameof(Others))]
    public async Task A_user_acts_on_their_own_and_an_admin_on_everybodys(Role role, string name, bool may)
    {
        await using var server = await LiveServer.StartAsync();
        var alice = await server.ClientAsync(Role.User, "alice");
        var spec = new JobSpec { Tasks = { new TaskTemplate { Run = { "true" } } } };
        var job = await server.SubmitAsync(spec, alice);
        await alice.AddScheduleAsync(new AddScheduleRequest { Name = "nightly", Cron = "@yearly", Job = spec });
        var caller = await server.CallerAsync(role, name);
        foreach (var (method, question) in Actions)
        {
            var before = (await alice.GetJobAsync(new GetJobRequest { Job = job }), await alice.GetScheduleAsync(new ScheduleName { Name = "nightly" }));

            var (status, _) = await AnyCall.CallAsync(caller, Cluster.Descriptor.FindMethodByName(method), question(job, "nightly"), 1, TestContext.Current.CancellationToken);

            Assert.True(may ? status.StatusCode == StatusCode.OK : status.StatusCode == StatusCode.PermissionDenied, $"{method}: {status}");
            if (!may)
            {
                var after = (await alice.GetJobAsync(new GetJobRequest { Job = job }), await alice.GetScheduleAsync(new ScheduleName { Name = "nightly" }));
                Assert.Equal(before, after);
                Assert.True(role == Role.Viewer || status.Detail.Contains("belongs to alice", StringComparison.Ordinal), status.Detail);
            }
        }

        // Whoever made it run, its jobs are alice's.
        Assert.All((await server.Admin.ListJobsAsync(new ListJobsRequest())).Jobs, j => Assert.Equal("alice", j.User));
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_role_may_do_what_it_is_for_and_nothing_else(bool session, Role role)
    {
        await using var server = await LiveServer.StartAsync();
        var caller = session ? await server.SessionAsync(role, "somebody") : await server.CallerAsync(role, "somebody");
        var wrong = new List<string>();
        foreach (var method in Cluster.Descriptor.Methods.OrderBy(m => Array.IndexOf(Last, m.Name)))
        {
            var (may, status) = (Calls.Single(c => c.Value.Contains(method.Name)).Key <= role, await CallAsync(caller, method));
            if (may != status is not (StatusCode.PermissionDenied or StatusCode.Unauthenticated))
            {
                wrong.Add($"{method.Name}: {status}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Nobody_and_a_node_may_do_nothing()
    {
        await using var server = await LiveServer.StartAsync();
        var (nobody, node) = (server.Nobody(), await server.CallerAsync(Role.Node, "node"));
        foreach (var method in Cluster.Descriptor.Methods)
        {
            Assert.Equal(StatusCode.Unauthenticated, await CallAsync(nobody, method));
            Assert.Equal(StatusCode.PermissionDenied, await CallAsync(node, method));
        }
    }

    /// <summary>Calls with an empty question: what is admitted is refused for something else, or answered.</summary>
    private static async Task<StatusCode> CallAsync(CallInvoker caller, MethodDescriptor method) => (await AnyCall.CallAsync(
        caller, method, method.InputType.Parser.ParseFrom(ByteString.Empty), 1, TestContext.Current.CancellationToken)).Status.StatusCode;
}
