using Artel.Protocol.V1;
using Artel.Testing;

namespace Artel.Node.Tests.Link;

/// <summary>Runs alone: it counts what the whole process allocates.</summary>
[Collection(nameof(Artel.Node.Tests.Processes.LauncherTests))]
public sealed class LargeOutputTests
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
}
