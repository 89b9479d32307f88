using Artel.Protocol.V1;
using Artel.Server.Tests.Api;
using Artel.Server.Tests.Support;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Nodes;

/// <summary>A node that says as it connects that it takes no work, such as one that is stopping while its server is started again.</summary>
public sealed class StoppingNodeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_gets_nothing_before_it_says_that_it_works()
    {
        await using var server = await LiveServer.StartAsync();
        var job = (await server.Admin.SubmitAsync(new SubmitRequest { Job = new JobSpec { Tasks = { new TaskTemplate { Run = { "true" } } } } })).Job;
        await using var link = RawLink.Open(await server.JoinAsync("1"), Cancellation);
        var hello = RawLink.HelloOf("1");
        hello.Problem = "it is stopping";

        await link.SendAsync(new NodeMessage { Hello = hello });
        await link.NextAsync(ServerMessage.KindOneofCase.Welcome, Cancellation);

        Assert.Equal(1, (await server.Admin.GetJobAsync(new GetJobRequest { Job = job })).Counts.Ready);
        Assert.Equal("it is stopping", (await server.Admin.GetNodeAsync(new GetNodeRequest { Id = "1" })).Problem);
        await link.SendAsync(new NodeMessage { Heartbeat = new Heartbeat { State = NodeState.Waiting } });
        await link.NextAsync(ServerMessage.KindOneofCase.Assign, Cancellation);
    }
}
