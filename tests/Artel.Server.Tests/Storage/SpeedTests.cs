using System.Diagnostics;
using Artel.Core;

namespace Artel.Server.Tests.Storage;

/// <summary>How fast the store is on this machine. Run by hand: <c>--explicit only --filter-class *SpeedTests</c>.</summary>
public sealed class SpeedTests(ITestOutputHelper output)
{
    [Theory(Explicit = true)]
    [InlineData(1000)]
    [InlineData(100)]
    [InlineData(1)]
    public async Task Ended_attempts_per_second(int batchSize)
    {
        var most = batchSize == 1 ? 2000 : 1_000_000;
        using var folder = new TemporaryFolder();
        await using var live = await LiveStore.OpenAsync(folder.Path);
        var job = live.Story.Submit(most);
        await live.Store.CommitAsync(live.Story.Take(), CancellationToken.None);
        var result = live.Story.Plain(AttemptOutcome.Succeeded);
        var history = new TaskHistory(1, 0, []);
        var at = live.Story.Now;
        var batches = Enumerable.Range(0, most / batchSize).Select(batch => (Change[])
        [
            .. Enumerable.Range(batch * batchSize, batchSize).Select(i => new AttemptEnded(
                new Lease(1, i + 1), new LeaseRange(1, (batch * batchSize) + 1, batchSize), i % batchSize == batchSize - 1,
                new TaskId(job, i + 1), 1, new NodeId("node-1"), result, i + 1, TaskState.Succeeded, null, history, "", at)),
        ]).ToList();

        var processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        foreach (var batch in batches)
        {
            await live.Store.CommitAsync(batch, CancellationToken.None);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        processor = Environment.CpuUsage.TotalTime - processor;
        watch.Restart();
        var loaded = await live.Store.LoadJobAsync(job, CancellationToken.None);
        output.WriteLine(
            $"batches of {batchSize}: {most / seconds:N0} attempts/s, {seconds / batches.Count * 1000:0.00} ms a commit, {processor.TotalMicroseconds / most:0.00} us of cpu each, {Size(folder.Path) / most} bytes each; load in {watch.Elapsed.TotalSeconds:0.00} s");
        Assert.Equal(new EndedTasks(new TaskRange(1, most), TaskState.Succeeded), Assert.Single(loaded!.Ended));
    }

    private static long Size(string folder) => new DirectoryInfo(folder).GetFiles().Sum(file => file.Length);
}
