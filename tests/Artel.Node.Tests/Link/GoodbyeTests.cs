using Artel.Testing;

namespace Artel.Node.Tests.Link;

/// <summary>An agent that is about to end when its server goes.</summary>
public sealed class GoodbyeTests : IAsyncLifetime
{
    private readonly ScriptedServer _server = new();
    private readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync() => await _server.Start();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_stopping_agent_does_not_wait_for_a_server_that_goes()
    {
        await using var agent = new RunningAgent(_server, _folder.Path, o => o with { StopPatience = TimeSpan.FromMinutes(10) });
        var link = await _server.Link();
        await link.Grant(Templates.Run("/bin/true"));
        await link.Result(1);

        // It waits for the last OK, and goes on to say that it lives, when the server dies.
        var stopping = agent.Stop();
        var beats = link.Heartbeats.Count;
        await Eventually.Holds(() => link.Heartbeats.Count >= beats + 5, "the agent waits to say goodbye");
        Assert.False(stopping.IsCompleted);
        await _server.Stop();

        Assert.Equal(NodeAgentExitKind.Stopped, (await stopping).Kind);
    }

    [Fact]
    public async Task A_stopping_agent_says_so_and_takes_no_work_whatever_servers_say()
    {
        await using var agent = new RunningAgent(_server, _folder.Path);
        var link = await _server.Link();
        var go = Path.Combine(_folder.Path, "go");
        var deaf = Path.Combine(_folder.Path, "deaf");
        var stubborn = Templates.Shell($"trap '' TERM; : > {deaf}; while [ ! -e {go} ]; do sleep 0.02; done");
        stubborn.Grace = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromMinutes(5));
        await link.Grant(stubborn);
        await Eventually.Holds(() => File.Exists(deaf), "the task ignores TERM");

        var stopping = agent.Stop();
        await Eventually.Holds(() => link.Heartbeats.Any(h => h.Heartbeat.Problem == "it is stopping"), "it says that it stops");
        await link.Grant(Templates.Run("/bin/true"), first: 2, templateNumber: 1);
        await Eventually.Holds(() => link.Returned.Contains(new LeaseId(1, 2)), "what is granted goes back");

        // A server that knows nothing of that, and says that the node does not drain.
        await _server.Stop();
        await _server.Start();
        var next = await _server.Link(2);
        Assert.Equal("it is stopping", next.Hello.Problem);
        await next.Grant(Templates.Run("/bin/true"), first: 3, templateNumber: 1);
        await Eventually.Holds(() => next.Returned.Contains(new LeaseId(1, 3)), "what is granted goes back");
        Assert.DoesNotContain(new LeaseId(1, 3), next.Started);

        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        Assert.Equal(NodeAgentExitKind.Stopped, (await stopping).Kind);
    }
}
