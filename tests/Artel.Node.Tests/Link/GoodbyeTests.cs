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
}
