using System.Collections.Concurrent;

namespace Artel.EndToEnd.Tests;

/// <summary>A cluster with the node 1 and a receiver that its server may call. Tests of schedules and ends of jobs share it.</summary>
[CollectionDefinition(Name)]
public sealed class HookedCluster : IAsyncLifetime, ICollectionFixture<HookedCluster>
{
    public const string Name = "one cluster with a receiver";

    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private TestCluster? _cluster;

    internal HookListener Receiver { get; private set; } = null!;

    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync()
    {
        // What is called at …/twice fails at first.
        Receiver = HookListener.StartWith((_, context) =>
        {
            var path = context.Request.Url!.AbsolutePath;
            var fails = path.EndsWith("/twice", StringComparison.Ordinal) && _counts.AddOrUpdate(path, 1, (_, count) => count + 1) <= 2;
            context.Response.StatusCode = fails ? 503 : 204;
            return Task.CompletedTask;
        });
        _cluster = await TestCluster.StartAsync(lostAfter: "60s", server: ["--webhook-host", Receiver.Host], nodes: ["1"]);
    }

    public async ValueTask DisposeAsync()
    {
        Receiver.Dispose();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
