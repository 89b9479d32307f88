using System.Diagnostics;
using Artel.Core;
using Artel.Testing;

namespace Artel.Server.Tests.Storage;

/// <summary>A process with a store is ended by kill -9 in the middle of its work.</summary>
public sealed class KillTests : IDisposable
{
    private const string FolderVariable = "ARTEL_TEST_KILLED_STORE";
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
            Assert.All(jobs, job => Assert.Equal((2, 1), (job.Open.Count, job.Ended.Sum(range => range.Tasks.Count))));
        }
    }

    /// <summary>The process of the test above: the same test program, told to run only this.</summary>
    [Fact(Explicit = true)]
    public async Task Child_that_commits_without_end()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(folder is null, "only as a child of the test of kill -9");
        await using var live = await LiveStore.OpenAsync(Path.Combine(folder, "data"));
        for (var job = live.Snapshot.LastJob + 1; ; job++)
        {
            var id = new JobId(job);
            var document = "killed\n3"u8.ToArray();
            var leases = new LeaseRange(live.Snapshot.Epoch, (job * 3) + 1, 3);
            var node = new NodeId("1");
            await live.Store.CommitAsync(
                [
                    new JobSubmitted(id, Story.ReadSpec(document), document, $"request {job}", false, live.Story.Now),
                    new LeasesGranted(leases, id, 0, 1, 0, 1, node, new Incarnation(1), live.Story.Now),
                    new AttemptEnded(
                        leases[1], leases, false, new TaskId(id, 2), 1, node, live.Story.Plain(AttemptOutcome.Succeeded), job,
                        TaskState.Succeeded, null, new TaskHistory(1, 0, []), "", live.Story.Now),
                ],
                CancellationToken.None);
            await File.AppendAllTextAsync(Path.Combine(folder, "acknowledged"), "x", CancellationToken.None);
        }
    }

    private Process StartChild()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Artel.Server.Tests"))
        {
            ArgumentList = { "--explicit", "only", "--filter-method", $"*.{nameof(Child_that_commits_without_end)}", "--results-directory", _folder["results"] },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[FolderVariable] = _folder.Path;
        return Process.Start(start)!;
    }

    private int Count() => File.Exists(Acknowledged) ? (int)new FileInfo(Acknowledged).Length : 0;
}
