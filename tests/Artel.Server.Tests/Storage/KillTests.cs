using System.Diagnostics;
using Artel.Server.Accounting;
using Artel.Testing;

namespace Artel.Server.Tests.Storage;

/// <summary>A process with a store is ended by kill -9 in the middle of its work.</summary>
public sealed class KillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Acknowledged => _folder["acknowledged"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_acknowledged_is_missing_after_kill_9()
    {
        for (var round = 1; round <= 3; round++)
        {
            // Given a process that commits without end and notes each commit that returned
            using var child = StartChild();
            var before = Count();
            await Eventually.Holds(() => Count() >= before + 40, "40 more commits have returned", () => $"{Count() - before}, child ended: {child.HasExited}");

            // When it is killed
            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            var acknowledged = Count();

            // Then the lock went with it, and everything acknowledged is there, in whole batches
            await using var after = await LiveStore.OpenAsync(_folder["data"]);
            var jobs = after.Snapshot.Jobs;
            Assert.InRange(jobs.Count, acknowledged, acknowledged + round);
            var usage = await after.Database.ReadAsync(c => UsageTable.Read(c, new UsageQuery(UsageKey.User, 0, 100_000, "", 10)), TestContext.Current.CancellationToken);
            Assert.Equal((jobs.Count, jobs.Count * 3600d), (usage.Total.Attempts, usage.Total.CpuSeconds));
            Assert.All(jobs, job => Assert.Equal((2, 1), (job.Open.Count, job.Ended.Sum(range => range.Tasks.Count))));
        }
    }

    private Process StartChild()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Artel.Server.Tests"))
        {
            ArgumentList = { "--explicit", "only", "--filter-method", $"*.{nameof(KilledChild.Commits_without_end)}", "--results-directory", _folder["results"] },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[KilledChild.FolderVariable] = _folder.Path;
        return Process.Start(start)!;
    }

    private int Count() => File.Exists(Acknowledged) ? (int)new FileInfo(Acknowledged).Length : 0;
}
