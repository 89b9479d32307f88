using System.Net;
using Artel.Protocol;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Tests.Api;
using Grpc.Core;
using Stream = Artel.Protocol.V1.Stream;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Nodes;

/// <summary>What nodes send long output to, over the real server: who may, what is refused, and that nothing is left of what was.</summary>
public sealed class OutputIntakeTests
{
    private static readonly byte[] Output = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_a_node_with_a_link_may_send_output()
    {
        await using var server = await LiveServer.StartAsync();
        var unlinked = await server.JoinAsync("unlinked");

        Assert.Equal(
            (HttpStatusCode.Unauthorized, "this cluster does not know this token"), await PostAsync(server.Address with { Secret = "artel-no-such-secret" }, new Lease(), []));
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(await server.AccessAsync(Role.Admin, "admin"), new Lease(), [])).Status);
        Assert.Equal((HttpStatusCode.Conflict, "the link of this node is down: connect first"), await PostAsync(unlinked, new Lease(), []));
    }

    [Fact]
    public async Task Output_that_was_not_announced_is_refused_and_that_of_a_stale_lease_is_gone()
    {
        await using var server = await LiveServer.StartAsync();
        await using var node = await LinkedNode.ConnectAsync(server, "n1");

        await server.SubmitAsync(new JobSpec { Tasks = { new TaskTemplate { Run = { "a" } } } });
        var granted = (await node.NextAsync(ServerMessage.KindOneofCase.Assign)).Assign.Grants[0].Leases;

        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(node.Access, new Lease { Epoch = granted.Epoch, Sequence = granted.FirstSequence }, Piece(Output))).Status);
        Assert.Equal(HttpStatusCode.Gone, (await PostAsync(node.Access, new Lease { Epoch = 1, Sequence = 77 }, Piece(Output))).Status);
        Assert.Equal(HttpStatusCode.Gone, (await PostAsync(node.Access, new Lease { Epoch = 1, Sequence = 77 }, Piece(Output), ahead: true)).Status);
        Assert.Contains((await node.NextAsync(ServerMessage.KindOneofCase.Settled)).Settled.Leases, r => r.FirstSequence == 77);
    }

    [Fact]
    public async Task What_is_not_as_announced_is_refused_and_what_is_is_kept()
    {
        await using var server = await LiveServer.StartAsync();
        await using var node = await LinkedNode.ConnectAsync(server, "n1");
        var job = await server.SubmitAsync(new JobSpec { Name = "long", Tasks = { new TaskTemplate { Run = { "long" } } } });
        var lease = await node.EndWithAsync(Output.Length);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "the body ended within a piece of output"), await PostAsync(node.Access, lease, Piece(Output)[..^1]));
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await PostAsync(node.Access, lease, Piece(Output[1..]))).Status);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await PostAsync(node.Access, lease, Piece([.. Output, 1]))).Status);
        Assert.Equal(
            HttpStatusCode.UnprocessableEntity, (await PostAsync(node.Access, lease, [9, 9, 9, 9, 9, 9])).Status);
        Assert.Equal((HttpStatusCode.NoContent, ""), await PostAsync(node.Access, lease, Piece(Output)));

        await node.NextAsync(ServerMessage.KindOneofCase.Settled);
        await server.EndsAsync(job);
        Assert.Equal(Output, await ReadAsync(server, job));
    }

    [Fact]
    public async Task A_result_whose_output_is_lost_ends_its_attempt_though_its_output_was_announced()
    {
        await using var server = await LiveServer.StartAsync();
        await using var node = await LinkedNode.ConnectAsync(server, "n1");
        await server.SubmitAsync(new JobSpec { Name = "long", Tasks = { new TaskTemplate { Run = { "long" } } } });
        var lease = await node.EndWithAsync(Output.Length);

        await node.LoseAsync(lease, "its node has lost its result");

        Assert.Contains((await node.NextAsync(ServerMessage.KindOneofCase.Settled)).Settled.Leases, r => r.FirstSequence == lease.Sequence);
        Assert.Equal(HttpStatusCode.Gone, (await PostAsync(node.Access, lease, Piece(Output))).Status);

        // The task runs again, under a new lease.
        Assert.NotEqual(lease.Sequence, (await node.EndWithAsync(Output.Length)).Sequence);
    }

    [Fact]
    public async Task Another_version_of_the_protocol_is_refused()
    {
        await using var server = await LiveServer.StartAsync();
        await using var node = await LinkedNode.ConnectAsync(server, "n1");
        using var client = ClusterChannel.OpenHttp(node.Access, node.Access.Addresses[0]);
        client.DefaultRequestHeaders.Remove(ProtocolVersion.Header);
        client.DefaultRequestHeaders.Add(ProtocolVersion.Header, "99.0");

        using var response = await client.PostAsync(OutputUpload.PathOf(1, 1, ahead: false), new ByteArrayContent([]), Cancellation);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains("99.0", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static byte[] Piece(byte[] data) => OutputPieceTests.Piece(Stream.Stdout, data);

    private static async Task<(HttpStatusCode Status, string Text)> PostAsync(ClusterAccess access, Lease lease, byte[] body, bool ahead = false)
    {
        using var client = ClusterChannel.OpenHttp(access, access.Addresses[0]);
        using var request = new HttpRequestMessage(HttpMethod.Post, OutputUpload.PathOf(lease.Epoch, lease.Sequence, ahead)) { Content = new ByteArrayContent(body) };
        request.Headers.ExpectContinue = true;
        using var response = await client.SendAsync(request, Cancellation);
        return (response.StatusCode, (await response.Content.ReadAsStringAsync(Cancellation)).TrimEnd());
    }

    private static async Task<byte[]> ReadAsync(LiveServer server, long job)
    {
        using var read = server.Admin.ReadOutput(new ReadOutputRequest { Job = job, Task = 1 }, cancellationToken: Cancellation);
        var bytes = new MemoryStream();
        await foreach (var chunk in read.ResponseStream.ReadAllAsync(Cancellation))
        {
            chunk.Data.WriteTo(bytes);
        }

        return bytes.ToArray();
    }

    /// <summary>A link in the hands of a test.</summary>
    private sealed class LinkedNode(ClusterAccess access, IDisposable channel, AsyncDuplexStreamingCall<NodeMessage, ServerMessage> call) : IAsyncDisposable
    {
        public ClusterAccess Access => access;

        public static async Task<LinkedNode> ConnectAsync(LiveServer server, string id)
        {
            var access = await server.JoinAsync(id);
            var channel = ClusterChannel.Open(access, access.Addresses[0]);
            var call = new NodeLink.NodeLinkClient(channel.Authenticated(access.Secret)).Connect(cancellationToken: Cancellation);
            var node = new LinkedNode(access, channel, call);
            await call.RequestStream.WriteAsync(
                new NodeMessage
                {
                    Hello = new Hello { Node = id, Incarnation = 1, Version = "test", Host = "nowhere", Resources = new Resources { MilliCpus = 1000 } },
                },
                Cancellation);
            await node.NextAsync(ServerMessage.KindOneofCase.Welcome);
            return node;
        }

        /// <summary>Waits for a message of a kind.</summary>
        public async Task<ServerMessage> NextAsync(ServerMessage.KindOneofCase kind)
        {
            while (await call.ResponseStream.MoveNext(Cancellation))
            {
                if (call.ResponseStream.Current.KindCase == kind)
                {
                    return call.ResponseStream.Current;
                }
            }

            throw new InvalidOperationException($"the link ended without {kind}");
        }

        /// <summary>Takes the next lease and announces its output, until the server asks for it.</summary>
        public async Task<Lease> EndWithAsync(long length)
        {
            var granted = (await NextAsync(ServerMessage.KindOneofCase.Assign)).Assign.Grants[0].Leases;
            var result = new AttemptResult
            {
                Lease = new Lease { Epoch = granted.Epoch, Sequence = granted.FirstSequence },
                State = NodeState.Succeeded,
                Outcome = AttemptOutcome.Succeeded,
                Stdout = new OutputInfo { Length = length, Written = length },
                DataFollows = true,
            };
            await call.RequestStream.WriteAsync(new NodeMessage { Ended = new Ended { Results = { result } } }, Cancellation);
            return (await NextAsync(ServerMessage.KindOneofCase.SendOutput)).SendOutput.Lease;
        }

        /// <summary>Reports that the result of a lease is lost.</summary>
        public async Task LoseAsync(Lease lease, string message) => await call.RequestStream.WriteAsync(
            new NodeMessage
            {
                Ended = new Ended
                {
                    Results =
                    {
                        new AttemptResult
                        {
                            Lease = lease, State = NodeState.Failed, Outcome = AttemptOutcome.Lost, Message = message,
                            Started = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(
                                DateTimeOffset.UnixEpoch.AddYears(50)),
                        },
                    },
                },
            },
            Cancellation);

        public async ValueTask DisposeAsync()
        {
            await call.RequestStream.CompleteAsync();
            call.Dispose();
            channel.Dispose();
        }
    }
}
