using Artel.Protocol.V1;
using Artel.Testing;

namespace Artel.Node.Tests.Link;

/// <summary>Runs alone: it counts what the whole process allocates.</summary>
[Collection(nameof(Artel.Node.Tests.Processes.LauncherTests))]
public sealed class LargeWorkTests
{
    [Fact]
    public async Task A_gibibyte_of_output_fills_neither_memory_nor_disk()
    {
        await using var server = await new ScriptedServer().Start();
        using var folder = new TemporaryFolder();
        await using var agent = new RunningAgent(server, folder.Path);
        var link = await server.Link();
        var allocated = GC.GetTotalAllocatedBytes();

        await link.Grant(Templates.Program("flood", $"{1L << 30}"));
        await Eventually.Holds(() => link.Results.Count == 1, "the result comes", link.Describe, TimeSpan.FromSeconds(60));

        var result = link.Results[0];
        Assert.Equal(AttemptOutcome.Succeeded, result.Outcome);
        Assert.Equal(1L << 30, result.Stdout.Written);
        Assert.InRange(result.Stdout.Length, 64L << 20, (64L << 20) + 100);
        var kept = new FileInfo(Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "spool", "output"))));
        Assert.Equal(result.Stdout.Length, kept.Length);
        Assert.InRange(GC.GetTotalAllocatedBytes() - allocated, 0, 50L << 20);
    }

    [Fact]
    public async Task A_grant_of_millions_costs_no_more_than_one_of_two()
    {
        await using var server = await new ScriptedServer().Start();
        using var folder = new TemporaryFolder();
        await using var agent = new RunningAgent(server, folder.Path);
        var link = await server.Link();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await link.Grant(Templates.Program("sleep", "60"), count: 2_000_000_000);
        await link.HasStarted(2);

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 4_000_000);
        await link.Send(new ServerMessage { Reclaim = new Reclaim { Count = 1_999_999_998 } });
        await Eventually.Holds(() => link.Said.Any(m => m.Returned is { Leases: [{ Count: 1_999_999_998 }] }), "all come back as one range", link.Describe);
    }
}
