using Artel.Core;

namespace Artel.Server.Tests.Storage;

/// <summary>The process that <see cref="KillTests"/> kills. It makes nothing of its own that would have to be cleaned up.</summary>
public sealed class KilledChild
{
    /// <summary>Tells the child where its test's folder is.</summary>
    internal const string FolderVariable = "ARTEL_TEST_KILLED_STORE";

    /// <summary>The same test program, told to run only this.</summary>
    [Fact(Explicit = true)]
    public async Task Commits_without_end()
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
                        TaskState.Succeeded, null, new TaskHistory(1, 0, []), "", live.Story.Now)
                    {
                        Held = new AttemptHolding("ada", Needs.OneCpu, ["killed"], TimeSpan.FromHours(1)),
                    },
                ],
                CancellationToken.None);
            await File.AppendAllTextAsync(Path.Combine(folder, "acknowledged"), "x", CancellationToken.None);
        }
    }
}
