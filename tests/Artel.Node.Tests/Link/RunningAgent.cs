using Artel.Protocol.V1;
using Artel.Testing;

namespace Artel.Node.Tests.Link;

/// <summary>A node agent, as the command line runs it, within the test.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public RunningAgent(ScriptedServer server, string folder, Func<NodeAgentOptions, NodeAgentOptions>? change = null)
    {
        var options = new NodeAgentOptions
        {
            Id = "n1",
            DataDirectory = folder,
            Access = server.Access,
            Version = "9.9",
            Resources = new Resources { MilliCpus = 2000, MemoryBytes = 1L << 30, Counters = { ["licence"] = 1 } },
            MaxReconnectDelay = TimeSpan.FromMilliseconds(300),
            StopPatience = TimeSpan.FromSeconds(1),
        };
        Exit = Task.Run(() => new NodeAgent(change is null ? options : change(options)).RunAsync(_stop.Token));
    }

    public Task<NodeAgentExit> Exit { get; }

    /// <summary>As Ctrl-C does.</summary>
    public async Task<NodeAgentExit> Stop()
    {
        await _stop.CancelAsync();
        return await Eventually.Gives(Exit, "the agent ends");
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _stop.Dispose();
    }
}
