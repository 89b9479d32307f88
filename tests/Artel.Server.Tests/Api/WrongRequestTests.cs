using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Api;

/// <summary>Requests with values that no client of ours sends: each is refused with one line, and nothing else happens.</summary>
public sealed class WrongRequestTests(WrongRequestTests.OneServer one) : IClassFixture<WrongRequestTests.OneServer>
{
    private static readonly Timestamp NoTime = new() { Seconds = long.MaxValue };
    private static readonly string Huge = new('ж', 400_000);

    public static TheoryData<string, Func<Cluster.ClusterClient, Task>> Wrong => new()
    {
        { "ended_since is not a time", c => c.ListJobsAsync(new ListJobsRequest { EndedSince = NoTime }).ResponseAsync },
        { "ended_before is not a time", c => c.ListJobsAsync(new ListJobsRequest { EndedBefore = new Timestamp { Nanos = -1 } }).ResponseAsync },
        { "states has a value that this server does not know: one of waiting, running", c => c.ListJobsAsync(new ListJobsRequest { States = { (JobState)77 } }).ResponseAsync },
        { "name has 400000 characters", c => c.ListJobsAsync(new ListJobsRequest { Name = Huge }).ResponseAsync },
        { "states has a value", c => c.ListTasksAsync(new ListTasksRequest { Job = 1, States = { (TaskState)(-1) } }).ResponseAsync },
        { "states has a value", c => c.CancelAsync(new JobAction { Job = 1, States = { TaskState.Unspecified } }).ResponseAsync },
        { "valid_for is out of range", c => c.CreateTokenAsync(new CreateTokenRequest { Role = Role.User, ValidFor = new Duration { Seconds = long.MaxValue } }).ResponseAsync },
        { "valid_for is out of range", c => c.CreateTokenAsync(new CreateTokenRequest { Role = Role.User, ValidFor = new Duration { Seconds = 1, Nanos = -1 } }).ResponseAsync },
        { "the name of a token has at most 256 characters", c => c.CreateTokenAsync(new CreateTokenRequest { Role = Role.User, Name = Huge }).ResponseAsync },
        { "the deadline is out of range", c => c.DrainNodeAsync(new NodeAction { Id = "1", Deadline = new Duration { Seconds = long.MinValue } }).ResponseAsync },
        { "there is no node 'жжж", c => c.GetNodeAsync(new GetNodeRequest { Id = Huge }).ResponseAsync },
        { "there is no schedule 'жжж", c => c.GetScheduleAsync(new ScheduleName { Name = Huge }).ResponseAsync },
        { "streams has a value", c => ReadAsync(c, new ReadOutputRequest { Job = 1, Task = 1, Streams = { (Artel.Protocol.V1.Stream)9 } }) },
        { "attempt is -1", c => ReadAsync(c, new ReadOutputRequest { Job = 1, Task = 1, Attempt = -1 }) },
        { "tail_lines is a number from 1 to 1000000", c => ReadAsync(c, new ReadOutputRequest { Job = 1, Task = 1, TailLines = int.MaxValue }) },
        { "job 1 has tasks 1 to 1, not 9", c => c.SubmitAsync(new SubmitRequest { Job = After(1, 9) }).ResponseAsync },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task A_value_out_of_range_is_refused_with_one_line(string says, Func<Cluster.ClusterClient, Task> ask)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(() => ask(one.Server.Admin));

        Assert.Contains(refusal.StatusCode, (StatusCode[])[StatusCode.InvalidArgument, StatusCode.NotFound]);
        Assert.StartsWith(says, refusal.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Status.Detail);
    }

    [Fact]
    public async Task A_job_that_waits_for_a_task_that_is_not_there_is_refused_before_its_limits_are_set()
    {
        var job = After(1, 9);
        job.Limits["wrong-request"] = 3;

        await Assert.ThrowsAsync<RpcException>(async () => await one.Server.Admin.SubmitAsync(new SubmitRequest { Job = job }));

        Assert.DoesNotContain((await one.Server.Admin.ListLimitsAsync(new ListLimitsRequest())).Limits, l => l.Tag == "wrong-request");
    }

    private static JobSpec After(long job, int task) => new()
    {
        Tasks = { new TaskTemplate { Run = { "a" } } },
        After = { new JobDependency { Job = job, Task = task } },
    };

    private static async Task ReadAsync(Cluster.ClusterClient client, ReadOutputRequest request)
    {
        using var call = client.ReadOutput(request);
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
        }
    }

    /// <summary>A server with one job of one task that waits for ever.</summary>
    public sealed class OneServer : IAsyncLifetime
    {
        private LiveServer? _server;

        internal LiveServer Server => _server!;

        public async ValueTask InitializeAsync()
        {
            _server = await LiveServer.StartAsync();
            Assert.Equal(1, await _server.SubmitAsync(new JobSpec { Tasks = { new TaskTemplate { Run = { "a" } } } }));
        }

        public async ValueTask DisposeAsync() => await _server!.DisposeAsync();
    }
}
