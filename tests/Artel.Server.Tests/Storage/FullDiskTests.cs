using Artel.Server.Storage;
using Artel.Testing;

namespace Artel.Server.Tests.Storage;

/// <summary>A store whose disk fills up.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task A_full_disk_stops_the_store_and_nothing_acknowledged_is_missing_after()
    {
        using var disk = SmallDisk.Mount(megabytes: 8);
        var folder = Path.Combine(disk.Path, "data");
        var server = await LiveStore.OpenAsync(folder);
        await server.WorkAsync(batches: 20);

        // When the disk is filled, and work goes on until a commit fails
        disk.Fill(leaveKibibytes: 256);
        var acknowledged = Written.Of(server.Story.Reference);
        var failure = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            for (var i = 0; i < 400; i++)
            {
                acknowledged = Written.Of(server.Story.Reference);
                await server.WorkAsync(batches: 1, outputBytes: 900);
            }
        });

        // Then it says which disk, and commits nothing more
        Assert.Equal($"the disk of {folder} is full: make room, then start artel-server again", failure.Message);
        var again = await Assert.ThrowsAsync<StoreException>(() => server.Store.CommitAsync([], CancellationToken.None));
        Assert.Equal(failure.Message, again.Message);

        // And with room made, everything acknowledged is there
        await server.DisposeAsync();
        disk.MakeRoom();
        await using var after = await LiveStore.OpenAsync(folder);
        Assert.Equal(acknowledged, Written.Of(after.Snapshot));
    }

    [Fact]
    public async Task A_start_on_a_full_disk_says_so()
    {
        using var disk = SmallDisk.Mount(megabytes: 4);
        disk.Fill();

        var failure = await Assert.ThrowsAsync<StoreException>(() => LiveStore.OpenAsync(Path.Combine(disk.Path, "data")));

        Assert.Contains("is full: make room", failure.Message, StringComparison.Ordinal);
    }
}
