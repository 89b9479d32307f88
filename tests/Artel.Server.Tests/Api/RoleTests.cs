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

    // As docs/security.md has it: a viewer sees, a user acts on jobs, an admin on nodes and tokens.
    private static readonly Dictionary<Role, string[]> Calls = new()
    {
        [Role.Viewer] =
        [
            "GetStatus", "ListJobs", "GetJob", "WatchJob", "ListTasks", "GetTask", "Explain", "ReadOutput", "FetchResults", "ListNodes", "GetNode",
            "CreateLoginLink", "OpenSession", "WatchEvents", "ListLimits", "GroupFailures", "GetJobStats", "ListSchedules", "GetSchedule", "GetHistory",
            "GetTaskMap", "ListTemplates", "ListAttempts", "GetJobSpec", "FindInOutput", "GetSettings", "CloseSession", "GetUsage",
        ],
        [Role.User] =
        [
            "Submit", "Cancel", "Retry", "Hold", "Release", "SetJob", "SetLimit", "AddSchedule", "PauseSchedule", "ResumeSchedule", "RunSchedule",
            "RemoveSchedule",
        ],
        [Role.Admin] = ["DrainNode", "ResumeNode", "StopNode", "ForgetNode", "CreateToken", "ListTokens", "RevokeToken", "StopServer"],
    };

    // These end what the others need.
    private static readonly string[] Last = ["StopServer", "CloseSession"];

    public static TheoryData<bool, Role> Callers() => [.. Roles.SelectMany(r => new[] { (false, r), (true, r) })];

    [Fact]
    public void Every_call_is_known_here() =>
        Assert.Equal(Cluster.Descriptor.Methods.Select(m => m.Name).Order(), Calls.Values.SelectMany(c => c).Order());

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
    private static async Task<StatusCode> CallAsync(CallInvoker caller, MethodDescriptor method)
    {
        var call = new Method<IMessage, byte[]>(
            method.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary, method.Service.FullName, method.Name,
            Marshallers.Create<IMessage>(m => m.ToByteArray(), _ => throw new NotSupportedException()), Marshallers.Create<byte[]>(b => b, b => b));
        var question = method.InputType.Parser.ParseFrom(ByteString.Empty);
        try
        {
            if (method.IsServerStreaming)
            {
                using var stream = caller.AsyncServerStreamingCall(call, null, default, question);
                await stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
            }
            else
            {
                using var unary = caller.AsyncUnaryCall(call, null, default, question);
                await unary;
            }

            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}
