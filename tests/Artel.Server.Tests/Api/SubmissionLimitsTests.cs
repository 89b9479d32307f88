using System.Net;
using System.Text;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Artel.Server.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Api;

/// <summary>A job that is too large is counted in its bytes and refused, before it has become objects; a large one that is not keeps the loop for no longer than it must.</summary>
[Collection(AloneCollection.Name)]
public sealed class SubmissionLimitsTests(LiveServerFixture shared) : IClassFixture<LiveServerFixture>
{
    private LiveServer Server => shared.Server;

    [Fact]
    public async Task Sixteen_million_tasks_of_two_bytes_are_refused_without_being_parsed()
    {
        var bytes = new byte[30_000_000];
        for (var i = 0; i < bytes.Length; i += 2)
            bytes[i] = 0x2a;

        // An unknown field of the client's message is passed on as it is: field 1, the job.
        using var raw = new MemoryStream();
        var writer = new CodedOutputStream(raw, leaveOpen: true);
        writer.WriteTag(1, WireFormat.WireType.LengthDelimited);
        writer.WriteBytes(ByteString.CopyFrom(bytes));
        writer.Flush();
        var message = raw.ToArray();
        var submit = new Method<byte[], SubmitReply>(
            MethodType.Unary, "artel.v1.Cluster", "Submit", Marshallers.Create(b => b, b => b), Marshallers.Create(r => r.ToByteArray(), SubmitReply.Parser.ParseFrom));
        var caller = await Server.CallerAsync(Role.User, "anna");
        var before = GC.GetTotalAllocatedBytes();

        var refused = await Assert.ThrowsAsync<RpcException>(() => caller.AsyncUnaryCall(submit, null, default, message).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("tasks that are written out: at most 100,000", refused.Status.Detail, StringComparison.Ordinal);

        // The message itself, a few times over, on both sides; parsed it would be 14 GB.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 400_000_000);
    }

    [Fact]
    public async Task Json_with_too_many_tasks_is_refused_without_being_parsed()
    {
        var access = await Server.AccessAsync(Role.User, "jan");
        using var http = ClusterChannel.OpenHttp(access, access.Addresses[0]);
        var body = "{\"job\":{\"tasks\":[" + string.Join(',', Enumerable.Repeat("{}", 200_000)) + "]}}";

        using var refused = await http.PostAsync("/v1/jobs", new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        using var accepted = await http.PostAsync("/v1/jobs", new StringContent("""{"job":{"hold":true,"tasks":[{"run":["a"]}]}}""", Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("at most 100,000", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public async Task As_many_tasks_as_a_job_may_have_are_accepted()
    {
        var job = new JobSpec { Hold = true };
        for (var i = 0; i < 100_000; i++)
            job.Tasks.Add(new TaskTemplate { Run = { "a" } });

        var reply = await Server.Admin.SubmitAsync(new SubmitRequest { Job = job });
        var task = await Server.Admin.GetTaskAsync(new GetTaskRequest { Job = reply.Job, Task = 100_000 });

        Assert.Equal(100_000, reply.TaskCount);
        Assert.Equal(["a"], task.Run);
    }
}
