using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

public abstract partial class ClusterStoreConformance
{
    // A seed that ever failed stays in this list.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whatever_happens_is_found_again(int seed)
    {
        var events = new RandomEvents(Story, new Random(seed));
        for (var round = 0; round < 8; round++)
        {
            for (var batch = 0; batch < 12; batch++)
            {
                events.Tell(40);
                await Commit();
            }

            await CommitAndFindAllAgain();
        }
    }

    [Fact]
    public async Task Queries_see_whole_batches_only()
    {
        // Given a job of which every batch ends ten tasks
        var job = Story.Submit(2000);
        var leases = Story.Grant(job, 1, 2000);
        await Commit();

        // When it is read again and again while batches are committed
        var committing = Task.Run(
            async () =>
            {
                for (var i = 0; i < 2000; i += 10)
                {
                    for (var j = i; j < i + 10; j++)
                    {
                        Story.End(job, leases[j]);
                    }

                    await Commit();
                }
            },
            Cancellation);
        var seen = new List<int>();
        while (!committing.IsCompleted)
        {
            var loaded = await Store.LoadJobAsync(job, Cancellation);
            var ended = loaded!.Ended.Sum(range => range.Tasks.Count);
            seen.Add(ended);

            // Then what ended, what is open and what is counted fit together each time
            Assert.Equal(0, ended % 10);
            Assert.Equal(2000 - ended, loaded.Open.Count);
            Assert.Equal(ended, loaded.Shares.Sum(share => share.Succeeded));
        }

        await committing;
        Assert.Equal(seen.Order(), seen);
    }

    [Fact]
    public async Task A_batch_in_which_something_is_wrong_is_stored_not_at_all()
    {
        var job = Story.Submit(1, requestId: "once");
        await Commit();
        var spec = Story.ReadSpec("two\n1"u8.ToArray()) with { User = "ada" };

        // The second change breaks the rule that a request of a user makes one job.
        await Assert.ThrowsAsync<StoreException>(() => Store.CommitAsync(
            [
                new JobHeldOrReleased(job, true),
                new JobSubmitted(new JobId(2), spec, "two\n1"u8.ToArray(), "once", false, Story.Now),
            ],
            Cancellation));

        // Nor is anything after it: a server that goes on would tell of things that may not be there.
        await Assert.ThrowsAsync<StoreException>(() => Store.CommitAsync([new JobHeldOrReleased(job, true)], Cancellation));
        await Assert.ThrowsAsync<StoreException>(() => Store.CommitAsync([], Cancellation));
        await CannotCommitButFindsAllAgain();
    }

    private async Task CannotCommitButFindsAllAgain()
    {
        var snapshot = await Reopen();
        Assert.Equal(Written.Of(Story.Reference), Written.Of(snapshot));
    }
}
