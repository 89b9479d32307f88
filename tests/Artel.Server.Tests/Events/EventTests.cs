using Artel.Core;
using Artel.Server.Events;
using Artel.Server.Tests.Storage;

namespace Artel.Server.Tests.Events;

/// <summary>What is told of a batch, and what is kept of it.</summary>
public sealed class EventTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly Story _story = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Successes_of_a_batch_are_one_event_before_the_end_of_their_job()
    {
        var job = _story.Submit(5, name: "fold");
        var leases = _story.Grant(job, 1, 5);
        foreach (var lease in new[] { 2, 0, 1, 4, 3 })
        {
            _story.End(job, leases[lease]);
        }

        _story.EndJob(job);

        Assert.Equal(
            ["7 JobSubmitted 1 1-5  fold", "8 TasksSucceeded 1 1-5  ", "9 JobEnded 1   succeeded"],
            Lines(EventTeller.Tell(_story.Take(), 7, Now)));
    }

    [Fact]
    public void What_went_wrong_is_told_one_by_one_with_its_node_and_reason()
    {
        var job = new JobId(4);
        IReadOnlyList<Change> batch =
        [
            Ended(job, 1, TaskState.Succeeded, AttemptOutcome.Succeeded),
            Ended(job, 2, TaskState.Failed, AttemptOutcome.Failed, "exit status 2 (attempt 3)"),
            Ended(job, 3, TaskState.Ready, AttemptOutcome.TimedOut),
            Ended(job, 4, TaskState.Ready, AttemptOutcome.Lost),
            Ended(job, 5, TaskState.Ready, AttemptOutcome.Moved),
            Ended(job, 6, TaskState.Ready, AttemptOutcome.Cancelled),
            new TasksEnded(job, new TaskRange(7, 9), TaskState.Skipped, "skipped: it needs 'a'", Now),
            Ended(job, 10, TaskState.Succeeded, AttemptOutcome.Succeeded),
            new TasksRetried(job, new TaskRange(2, 2), TaskState.Failed),
        ];

        Assert.Equal(
            [
                "1 TasksFailed 4 2 n exit status 2 (attempt 3)",
                "2 AttemptFailed 4 3 n timed out",
                "3 AttemptLost 4 4 n ",
                "4 AttemptMoved 4 5 n ",
                "5 TasksSkipped 4 7-9  skipped: it needs 'a'",
                "6 TasksRetried 4 2  ",
                "7 TasksSucceeded 4 1,10  ",
            ],
            Lines(EventTeller.Tell(batch, 1, Now)));
    }

    [Fact]
    public void Nodes_and_limits_are_told()
    {
        var node = new NodeId("render-07");
        IReadOnlyList<Change> batch =
        [
            new NodeDisconnected(node, NodeCondition.Disconnected, Now), new NodeDisconnected(node, NodeCondition.Lost, Now),
            new NodeDraining(node, true), new NodeDraining(node, false), new NodeForgotten(node),
            new LimitSet("db", 4), new LimitSet("db", null), new JobPriorityChanged(new JobId(3), -2),
        ];

        Assert.Equal(
            [
                "1 NodeDisconnected 0  render-07 ", "2 NodeLost 0  render-07 ", "3 NodeDraining 0  render-07 ", "4 NodeResumed 0  render-07 ",
                "5 NodeForgotten 0  render-07 ", "6 LimitSet 0   db=4", "7 LimitSet 0   db=", "8 JobPriorityChanged 3   -2",
            ],
            Lines(EventTeller.Tell(batch, 1, Now)));
    }

    [Fact]
    public async Task Positions_go_on_over_a_start_without_gaps_and_are_read_in_pages()
    {
        await using (var live = await LiveStore.OpenAsync(_folder.Path))
        {
            await live.WorkAsync(3);
        }

        await using var again = await LiveStore.OpenAsync(_folder.Path);
        await again.Store.CommitAsync([new LimitSet("db", 1), new LimitSet("db", 2)], TestContext.Current.CancellationToken);

        var all = await ReadAsync(again, 0, 0, 100);
        Assert.Equal(Enumerable.Range(1, all.Count).Select(p => (long)p), all.Select(e => e.Position));
        Assert.Equal(["db=1", "db=2"], all.TakeLast(2).Select(e => e.Detail));
        Assert.Equal(all.Skip(2).Take(2), await ReadAsync(again, 2, 0, 2));
        Assert.Equal(all.Where(e => e.Job == 1), await ReadAsync(again, 0, 1, 100));
        Assert.Equal(all.Count - 2, await again.Database.ReadAsync(c => EventRows.PositionBefore(c, 0, 2), TestContext.Current.CancellationToken));
        Assert.Equal(0, await again.Database.ReadAsync(c => EventRows.PositionBefore(c, 0, 1000), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_oldest_go_when_there_are_more_than_are_kept()
    {
        await using var live = await LiveStore.OpenAsync(_folder.Path);
        var batch = Enumerable.Range(0, 100_000).Select(i => (Change)new LimitSet("db", i)).ToArray();

        for (var i = 0; i < 12; i++)
        {
            await live.Store.CommitAsync(batch, TestContext.Current.CancellationToken);
        }

        var (first, last) = await live.Database.ReadAsync(EventRows.Bounds, TestContext.Current.CancellationToken);
        Assert.Equal(1_200_000, last);
        Assert.InRange(last - first + 1, EventRows.Kept, EventRows.Kept + 10_000);
    }

    private static Task<List<ClusterEvent>> ReadAsync(LiveStore live, long after, long job, int limit) =>
        live.Database.ReadAsync(c => EventRows.Read(c, after, job, limit).ConvertAll(e => e.Event), TestContext.Current.CancellationToken);

    private AttemptEnded Ended(JobId job, int task, TaskState next, AttemptOutcome outcome, string reason = "") => new(
        new Lease(1, task), new LeaseRange(1, task, 1), true, new TaskId(job, task), 1, new NodeId("n"), _story.Plain(outcome), task, next, null,
        TaskHistory.None, reason, Now);

    private static IEnumerable<string> Lines(IReadOnlyList<ClusterEvent> told) =>
        told.Select(e => $"{e.Position} {e.Kind} {e.Job} {e.Tasks} {e.Node} {e.Detail}");
}
