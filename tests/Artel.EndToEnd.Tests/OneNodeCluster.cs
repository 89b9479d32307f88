namespace Artel.EndToEnd.Tests;

/// <summary>A cluster with the node 1 that all tests of a class share, where none of them does it harm.</summary>
public sealed class OneNodeCluster : IAsyncLifetime
{
    private TestCluster? _cluster;

    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
