using Artel.Protocol;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Tests.Api;
using Artel.Server.Tests.Support;
using Artel.Testing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Ends = Artel.Protocol.V1.Ended;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Nodes;

/// <summary>A node that has joined and sends what no agent sends, over the real server: its link ends, and nobody else notices.</summary>
public sealed class HostileNodeTests(HostileNodeTests.OneServer one) : IClassFixture<HostileNodeTests.OneServer>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LiveServer Server => one.Server;

    public static TheoryData<string, Func<Lease, NodeMessage>> Messages => new()
    {
        { "Started.lease is not a lease", l => new NodeMessage { Started = new Started { Attempts = { new AttemptStarted { Lease = l }, new AttemptStarted() } } } },
        { "Started.at is not a time", l => new NodeMessage { Started = new Started { Attempts = { new AttemptStarted { Lease = l, At = new Timestamp { Seconds = long.MaxValue } } } } } },
        { "Returned.leases has -1 leases", l => new NodeMessage { Returned = new Returned { Leases = { Range(l, 1), Range(l, -1) } } } },
        { "an output of 9223372036854775807", l => Ended(new AttemptResult { Lease = l, DataFollows = true, Stdout = new OutputInfo { Length = long.MaxValue } }) },
        { "100000 bytes of output", l => Ended(new AttemptResult { Lease = l, StdoutData = ByteString.CopyFrom(new byte[100_000]) }) },
        { "Heartbeat.state is 77", _ => new NodeMessage { Heartbeat = new Heartbeat { State = (NodeState)77 } } },
    };

    [Theory]
    [MemberData(nameof(Messages), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_message_ends_the_link_with_its_reason_and_changes_nothing(string says, Func<Lease, NodeMessage> make)
    {
        var id = "bad-" + Guid.NewGuid().ToString("N")[..8];
        await using var link = await RawLink.ConnectAsync(Server, id, Cancellation);
        var (job, lease) = await GrantAsync(link, id);

        await link.SendAsync(make(lease));

        Assert.Contains(says, await link.EndAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(0, (await Server.Admin.GetJobAsync(new GetJobRequest { Job = job })).Counts.Running);
        await HonestWorkGoesOnAsync();
    }

    [Theory]
    [InlineData(20_000_000)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public async Task A_hello_may_not_hold_more_than_a_node_can(int count)
    {
        var id = "hello-" + Guid.NewGuid().ToString("N")[..8];
        await using var link = RawLink.Open(await Server.JoinAsync(id), Cancellation);
        var hello = RawLink.HelloOf(id);
        hello.Held.Add(new LeaseRange { Epoch = 1, FirstSequence = 1, Count = count });

        await link.SendAsync(new NodeMessage { Hello = hello });

        Assert.StartsWith($"InvalidArgument: Hello.held and finished has {count} leases", await link.EndAsync(Cancellation), StringComparison.Ordinal);
        await HonestWorkGoesOnAsync();
    }

    [Fact]
    public async Task Huge_texts_and_absurd_figures_are_cut_so_that_everyone_can_still_look()
    {
        await using var link = await RawLink.ConnectAsync(Server, "talker", Cancellation);
        var (job, lease) = await GrantAsync(link, "talker");
        var absurd = new Duration { Seconds = long.MaxValue };

        await link.SendAsync(new NodeMessage { Heartbeat = new Heartbeat { State = NodeState.Waiting, Problem = new string('p', 2_000_000) } });
        await link.SendAsync(Ended(new AttemptResult
        {
            Lease = lease,
            Outcome = AttemptOutcome.Failed,
            Message = new string('m', 2_000_000),
            Started = new Timestamp { Seconds = 1 },
            Usage = new Usage { Wall = absurd, User = absurd, System = absurd, PeakMemoryBytes = long.MaxValue },
        }));

        await Server.EndsAsync(job);
        Assert.InRange((await Server.Admin.ListNodesAsync(new ListNodesRequest())).CalculateSize(), 1, 100_000);
        Assert.InRange((await Server.Admin.GetTaskAsync(new GetTaskRequest { Job = job, Task = 1 })).CalculateSize(), 1, 10_000);
        var stats = await Server.Admin.GetJobStatsAsync(new GetJobRequest { Job = job });
        Assert.True(stats.WallTotal.Seconds > 0, stats.ToString());
        Assert.Equal(2, stats.Attempts + (await Server.Admin.GetJobStatsAsync(new GetJobRequest { Job = job })).Attempts);
    }

    [Fact]
    public async Task A_length_beyond_what_the_task_may_have_is_refused_and_the_jobs_other_outputs_are_kept()
    {
        await using var bad = await RawLink.ConnectAsync(Server, "long-bad", Cancellation);
        await using var good = await RawLink.ConnectAsync(Server, "long-good", Cancellation);
        var job = await Server.SubmitAsync(new JobSpec { Sections = { Section("long-bad"), Section("long-good") } });
        var badLease = LeaseOf(await bad.NextAsync(ServerMessage.KindOneofCase.Assign, Cancellation));
        var goodLease = LeaseOf(await good.NextAsync(ServerMessage.KindOneofCase.Assign, Cancellation));
        await bad.SendAsync(Ended(new AttemptResult { Lease = badLease, DataFollows = true, Stdout = new OutputInfo { Length = 1L << 40 } }));
        await bad.NextAsync(ServerMessage.KindOneofCase.SendOutput, Cancellation);
        Assert.Equal(422, await UploadAsync(bad, badLease, [1, 2, 3]));

        var bytes = new byte[100_000];
        await good.SendAsync(Ended(new AttemptResult { Lease = goodLease, State = NodeState.Succeeded, DataFollows = true, Stdout = new OutputInfo { Length = bytes.Length } }));
        await good.NextAsync(ServerMessage.KindOneofCase.SendOutput, Cancellation);

        Assert.Equal(204, await UploadAsync(good, goodLease, bytes));
        Assert.Equal(Settled.Types.Verdict.Stored, (await good.NextAsync(ServerMessage.KindOneofCase.Settled, Cancellation)).Settled.Verdict);
        Assert.Equal(1, (await Server.Admin.GetJobAsync(new GetJobRequest { Job = job })).Counts.Succeeded);
    }

    [Fact]
    public async Task A_lease_that_is_named_twice_in_one_message_ends_once()
    {
        await using var link = await RawLink.ConnectAsync(Server, "twice", Cancellation);
        var (job, lease) = await GrantAsync(link, "twice");
        var result = new AttemptResult { Lease = lease, Outcome = AttemptOutcome.Succeeded, StdoutData = ByteString.CopyFrom(new byte[2000]) };

        await link.SendAsync(Ended(result, result));

        Assert.Equal(1, (await Server.EndsAsync(job)).Counts.Succeeded);
        Assert.Equal(1, (await Server.Admin.GetTaskAsync(new GetTaskRequest { Job = job, Task = 1 })).AttemptCount);
    }

    [Fact]
    public async Task Output_of_leases_that_a_node_does_not_hold_is_not_asked_for()
    {
        await using var link = await RawLink.ConnectAsync(Server, "claims", Cancellation);

        await link.SendAsync(Ended(new AttemptResult { Lease = new Lease { Epoch = 1, Sequence = 1_000_000 }, DataFollows = true, Stdout = new OutputInfo { Length = 1 } }));

        Assert.Equal(Settled.Types.Verdict.Refused, (await link.NextAsync(ServerMessage.KindOneofCase.Settled, Cancellation)).Settled.Verdict);
    }

    private async Task HonestWorkGoesOnAsync()
    {
        var job = await Server.SubmitAsync(new JobSpec { Sections = { Section("honest") } });
        Assert.Equal(1, (await Server.EndsAsync(job)).Counts.Succeeded);
        Assert.Equal(NodeCondition.Connected, (await Server.Admin.GetNodeAsync(new GetNodeRequest { Id = "honest" })).Condition);
    }

    private async Task<(long Job, Lease Lease)> GrantAsync(RawLink link, string node)
    {
        var job = await Server.SubmitAsync(new JobSpec { Sections = { Section(node) } });
        return (job, LeaseOf(await link.NextAsync(ServerMessage.KindOneofCase.Assign, Cancellation)));
    }

    private static async Task<int> UploadAsync(RawLink link, Lease lease, byte[] data)
    {
        using var client = ClusterChannel.OpenHttp(link.Access, link.Access.Addresses[0]);
        var body = new byte[OutputUpload.HeaderBytes + data.Length];
        OutputUpload.WriteHeader(body, Protocol.V1.Stream.Stdout, data.Length);
        data.CopyTo(body, OutputUpload.HeaderBytes);
        using var answer = await client.PostAsync(new Uri(OutputUpload.PathOf(lease.Epoch, lease.Sequence, ahead: false), UriKind.Relative), new ByteArrayContent(body), Cancellation);
        return (int)answer.StatusCode;
    }

    private static NodeSection Section(string node) => new() { Node = node, Tasks = { new TaskTemplate { Run = { "a" }, Retry = new RetryPolicy { Retries = 0 } } } };

    private static Lease LeaseOf(ServerMessage message)
    {
        var leases = message.Assign.Grants[0].Leases;
        return new Lease { Epoch = leases.Epoch, Sequence = leases.FirstSequence };
    }

    private static LeaseRange Range(Lease lease, int count) => new() { Epoch = lease.Epoch, FirstSequence = lease.Sequence, Count = count };

    private static NodeMessage Ended(params AttemptResult[] results) => new() { Ended = new Ends { Results = { results } } };

    /// <summary>A server with a node that does its work.</summary>
    public sealed class OneServer : IAsyncLifetime
    {
        private LiveServer? _server;

        internal LiveServer Server => _server!;

        public async ValueTask InitializeAsync()
        {
            _server = await LiveServer.StartAsync();
            await _server.ConnectAsync(new SimulatedWork(), "honest");
        }

        public async ValueTask DisposeAsync() => await _server!.DisposeAsync();
    }
}
