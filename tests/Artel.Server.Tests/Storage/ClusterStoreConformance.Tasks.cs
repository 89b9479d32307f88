using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

public abstract partial class ClusterStoreConformance
{
    [Fact]
    public async Task Leases_in_flight_are_found_again_with_their_node_and_grant()
    {
        var job = Story.Submit(10);
        Story.Grant(job, 1, 3, node: "a", incarnation: ulong.MaxValue);
        Story.Grant(job, 4, node: "b");

        var snapshot = await CommitAndFindAllAgain();

        var open = Assert.Single(snapshot.Jobs).Open;
        Assert.Equal([1, 2, 3, 4], open.Select(lease => lease.Task));
        Assert.Equal(new Incarnation(ulong.MaxValue), open[0].Incarnation);
        Assert.Equal(3, open[0].Granted.Count);
    }

    [Fact]
    public async Task Of_a_grant_only_the_leases_that_have_not_ended_are_open()
    {
        var job = Story.Submit(5);
        var leases = Story.Grant(job, 1, 5);
        Story.End(job, leases[1]);
        Story.Return(job, leases[3]);
        Story.End(job, leases[4], TaskState.Ready);

        var snapshot = await CommitAndFindAllAgain();

        Assert.Equal([1, 3], Assert.Single(snapshot.Jobs).Open.Select(lease => lease.Task));
    }

    [Fact]
    public async Task A_lease_that_came_back_is_not_taken_for_the_next_one_of_the_same_task()
    {
        var job = Story.Submit(2);
        var first = Story.Grant(job, 1, 2, node: "a");
        Story.Return(job, first[0]);
        var second = Story.Grant(job, 1, node: "b");

        var open = Assert.Single((await CommitAndFindAllAgain()).Jobs).Open;
        Assert.Equal([first[1], second[0]], open.Select(lease => lease.Lease));

        Story.End(job, second[0]);
        Story.End(job, first[1]);
        Assert.Empty(Assert.Single((await CommitAndFindAllAgain()).Jobs).Open);
    }

    [Fact]
    public async Task Everything_that_an_attempt_says_is_kept()
    {
        var job = Story.Submit(3);
        var leases = Story.Grant(job, 1, 3, node: "узел-1");
        var full = new AttemptResult(
            AttemptOutcome.Signalled, 0, 9, "ended by signal 9\0\nкилл 🦀", Story.Now,
            new Usage(TimeSpan.FromDays(40), TimeSpan.FromMicroseconds(1), TimeSpan.FromHours(2), long.MaxValue),
            new KeptOutput(1 << 26, 1L << 40, 3, 1L << 28, default),
            new KeptOutput(3, 7, 0, 0, new byte[] { 0, 255, 254 }));
        var bare = new AttemptResult(AttemptOutcome.NotStarted, -1, 0, "", null, default, KeptOutput.Empty, KeptOutput.Empty);
        var cut = bare with { Stdout = new KeptOutput(0, 5, 0, 0, default) };
        Story.End(job, leases[0], TaskState.Failed, result: full, reason: "it failed 3 times");
        Story.End(job, leases[1], TaskState.Ready, result: bare);
        Story.End(job, leases[2], TaskState.Failed, result: cut);

        await CommitAndFindAllAgain();
    }

    [Fact]
    public async Task Attempts_of_a_task_are_kept_all_and_listed_in_order()
    {
        var job = Story.Submit(3);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var leases = Story.Grant(job, 1, 2, node: $"n{attempt}");
            Story.End(job, leases[1], attempt < 3 ? TaskState.Ready : TaskState.Failed);
            Story.End(job, leases[0], attempt < 3 ? TaskState.Ready : TaskState.Succeeded);
        }

        await CommitAndFindAllAgain();

        var attempts = await Store.ListAttemptsAsync(job, new TaskRange(1, 2), Cancellation);
        Assert.Equal([(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)], attempts.Select(each => (each.Task.Number, each.Attempt)));
        Assert.Equal(3, (await Store.ListAttemptsAsync(job, new TaskRange(2, 3), Cancellation)).Count);
    }

    [Fact]
    public async Task Failures_losses_and_the_wait_for_a_retry_are_remembered()
    {
        var job = Story.Submit(3);
        var leases = Story.Grant(job, 1, 3, node: "frail");
        Story.End(job, leases[0], TaskState.Ready);
        Story.End(job, leases[1], TaskState.Ready, lost: true);
        Story.End(job, leases[2]);
        Story.End(job, Story.Grant(job, 2, node: "weak")[0], TaskState.Ready, lost: true);

        var histories = Assert.Single((await CommitAndFindAllAgain()).Jobs).Histories;

        Assert.Equal([1, 2], histories.Select(history => history.Task));
        Assert.Equal((1, 1), (histories[0].History.Attempts, histories[0].History.Failures));
        Assert.NotNull(histories[0].NotBefore);
        Assert.Equal([new NodeId("frail"), new NodeId("weak")], histories[1].History.Losses);
    }

    [Fact]
    public async Task Nodes_to_avoid_are_remembered_until_a_retry_by_hand()
    {
        var job = Story.Submit(2);
        var leases = Story.Grant(job, 1, 2, node: "weak");
        Story.End(job, leases[0], TaskState.Ready, avoid: true);
        Story.End(job, Story.Grant(job, 1, node: "frail")[0], TaskState.Failed, avoid: true, reason: "failed");

        var histories = Assert.Single((await CommitAndFindAllAgain()).Jobs).Histories;
        Assert.Equal([new NodeId("weak"), new NodeId("frail")], Assert.Single(histories).History.FailedOn);

        Story.Retry(job, 1, 1);
        histories = Assert.Single((await CommitAndFindAllAgain()).Jobs).Histories;
        Assert.Empty(Assert.Single(histories).History.FailedOn);
    }

    [Fact]
    public async Task A_moved_attempt_is_kept_and_counts_as_nobodys_failure()
    {
        var job = Story.Submit(1);
        var lease = Story.Grant(job, 1, node: "drained")[0];
        Story.End(job, lease, TaskState.Ready, AttemptOutcome.Moved);
        Story.End(job, Story.Grant(job, 1, node: "other")[0]);

        await CommitAndFindAllAgain();

        Assert.Equal(
            [new NodeTally(new NodeId("drained"), 0, 0), new NodeTally(new NodeId("other"), 1, 0)], await Store.TallyNodesAsync(job, Cancellation));
    }

    [Fact]
    public async Task Ended_tasks_are_loaded_as_few_ranges()
    {
        var job = Story.Submit(1000);
        var leases = Story.Grant(job, 1, 600);
        foreach (var i in Enumerable.Range(0, 600).Reverse())
        {
            Story.End(job, leases[i], i == 300 ? TaskState.Failed : TaskState.Succeeded);
        }

        Story.EndTasks(job, 601, 800, TaskState.Skipped);
        Story.EndTasks(job, 801, 900, TaskState.Cancelled);

        var snapshot = await CommitAndFindAllAgain();

        Assert.Equal(
            [
                new EndedTasks(new TaskRange(1, 300), TaskState.Succeeded),
                new EndedTasks(new TaskRange(301, 301), TaskState.Failed),
                new EndedTasks(new TaskRange(302, 600), TaskState.Succeeded),
                new EndedTasks(new TaskRange(601, 800), TaskState.Skipped),
                new EndedTasks(new TaskRange(801, 900), TaskState.Cancelled),
            ],
            Assert.Single(snapshot.Jobs).Ended);
    }

    [Fact]
    public async Task Scattered_tasks_that_ended_together_are_given_one_by_one_and_may_run_again_one_by_one()
    {
        var job = Story.Submit(20_000);
        Story.EndTasks(job, Every(2, from: 1));
        Story.EndTasks(job, Every(4, from: 2), TaskState.Skipped);
        await CommitAndFindAllAgain();

        Story.Retry(job, Every(6, from: 3));
        Story.Retry(job, new TaskRange(5, 5));
        await CommitAndFindAllAgain();

        Assert.Equal(
            [(1, TaskState.Cancelled), (2, TaskState.Skipped), (6, TaskState.Skipped), (7, TaskState.Cancelled), (10, TaskState.Skipped), (11, TaskState.Cancelled)],
            (await Store.ListEndsAsync(job, new TaskRange(1, 12), Cancellation)).Select(e => (e.Tasks.First, e.State)));
        Assert.Equal(
            [7, 10, 11, 13, 14],
            (await Store.FindEndedAsync(job, [TaskState.Cancelled, TaskState.Skipped], after: 6, limit: 5, Cancellation)).Select(r => r.First));
        Assert.Equal(
            [(TaskState.Cancelled, 6666L, 1), (TaskState.Skipped, 4999L, 2)],
            (await Store.ListEndReasonsAsync(job, 10, Cancellation)).Select(r => (r.State, r.Tasks, r.First)));
        var found = new List<int>();
        await Store.FindUnsuccessfulAsync(
            job, new TaskRange(1, 7), many: false, (range, _) => found.Add(range.First), Cancellation);
        Assert.Equal([1, 2, 6, 7], found.Order());

        TaskSet Every(int step, int from) =>
            TaskSet.Of(Enumerable.Range(0, (20_000 - from) / step).Select(i => new TaskRange(from + (i * step), from + (i * step))));
    }

    [Fact]
    public async Task Ended_attempts_are_listed_by_position_a_page_at_a_time()
    {
        var job = Story.Submit(25);
        var other = Story.Submit(25);
        var (leases, others) = (Story.Grant(job, 1, 25), Story.Grant(other, 1, 25));
        foreach (var i in Enumerable.Range(0, 25).Reverse())
        {
            Story.End(job, leases[i]);
            Story.End(other, others[i], TaskState.Ready);
        }

        await Commit();

        var listed = new List<int>();
        var position = 0L;
        for (var page = await Store.ListEndedAsync(job, position, 10, null, Cancellation); page.Count > 0;)
        {
            Assert.True(page.Count <= 10);
            listed.AddRange(page.Select(attempt => attempt.Task.Number));
            position = page[^1].Position;
            page = await Store.ListEndedAsync(job, position, 10, null, Cancellation);
        }

        Assert.Equal(Enumerable.Range(1, 25).Reverse(), listed);
        Assert.Empty(await Store.ListEndedAsync(other, 0, 10, null, Cancellation));
    }

    [Fact]
    public async Task Ended_attempts_are_listed_by_how_they_ended_their_task()
    {
        TaskState[] states = [TaskState.Succeeded, TaskState.Failed, TaskState.Cancelled, TaskState.Ready, TaskState.Failed, TaskState.Succeeded];
        var job = Story.Submit(states.Length);
        var leases = Story.Grant(job, 1, states.Length);
        for (var i = 0; i < states.Length; i++)
        {
            Story.End(job, leases[i], states[i]);
        }

        Story.Retry(job, 2, 2);
        await Commit();

        Assert.Equal("1 6", await Ended(TaskState.Succeeded));
        Assert.Equal("5", await Ended(TaskState.Failed));
        Assert.Equal("3", await Ended(TaskState.Cancelled));
        Assert.Equal("", await Ended(TaskState.Skipped));
        Assert.Equal("1 3 5 6", await Ended(null));

        async Task<string> Ended(TaskState? only) =>
            string.Join(' ', (await Store.ListEndedAsync(job, 0, 100, only, Cancellation)).Select(attempt => attempt.Task.Number));
    }

    [Fact]
    public async Task Tasks_that_ended_without_an_attempt_say_why()
    {
        var job = Story.Submit(100);
        Story.EndTasks(job, 11, 50, TaskState.Skipped, "needs 'fold', which failed");
        Story.EndTasks(job, 60, 70, TaskState.Cancelled, "");
        await CommitAndFindAllAgain();

        var ends = await Store.ListEndsAsync(job, new TaskRange(40, 65), Cancellation);

        Assert.Equal(
            [(new TaskRange(40, 50), "needs 'fold', which failed"), (new TaskRange(60, 65), "")],
            ends.Select(end => (end.Tasks, end.Reason)));
        Assert.Equal(
            [new EndReason(TaskState.Skipped, "needs 'fold', which failed", 40, 11), new EndReason(TaskState.Cancelled, "", 11, 60)],
            await Store.ListEndReasonsAsync(job, 10, Cancellation));
        Assert.Single(await Store.ListEndReasonsAsync(job, 1, Cancellation));
    }

    [Fact]
    public async Task A_cancelled_task_in_flight_stays_to_be_cancelled_until_it_has_ended()
    {
        var job = Story.Submit(3);
        var leases = Story.Grant(job, 1, 3);
        Story.Cancel(job, leases[1]);
        Story.Cancel(job, leases[2]);
        Assert.Equal([2, 3], Assert.Single((await CommitAndFindAllAgain()).Jobs).CancelRequested.Select(c => c.Task));

        Story.End(job, leases[1], TaskState.Cancelled, AttemptOutcome.Cancelled);
        Assert.Equal([3], Assert.Single((await CommitAndFindAllAgain()).Jobs).CancelRequested.Select(c => c.Task));

        Story.End(job, leases[0]);
        Story.End(job, leases[2], TaskState.Cancelled, AttemptOutcome.Cancelled);
        Assert.Empty(Assert.Single((await CommitAndFindAllAgain()).Jobs).CancelRequested.Select(c => c.Task));
    }

    [Fact]
    public async Task A_retried_task_has_not_ended_any_more_and_its_attempts_are_counted_on()
    {
        var job = Story.Submit(2);
        var leases = Story.Grant(job, 1, 2);
        Story.End(job, leases[0], TaskState.Failed, reason: "exit status 1");
        Story.End(job, leases[1]);
        Story.EndJob(job);
        await CommitAndFindAllAgain();

        Story.Retry(job, 1, 1);
        var reopened = Assert.Single((await CommitAndFindAllAgain()).Jobs);
        Assert.Equal([new EndedTasks(new TaskRange(2, 2), TaskState.Succeeded)], reopened.Ended);
        Assert.Equal((1, 0), (Assert.Single(reopened.Histories).History.Attempts, reopened.Histories[0].History.Failures));

        Story.End(job, Story.Grant(job, 1)[0]);
        Story.EndJob(job);
        await CommitAndFindAllAgain();
        Assert.Equal([2, 3], (await Store.ListEndedAsync(job, 0, 9, null, Cancellation)).Select(attempt => attempt.Position));
        Assert.Equal(2, (await Store.ListAttemptsAsync(job, new TaskRange(1, 1), Cancellation)).Count);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(1, 10)]
    [InlineData(40, 60)]
    [InlineData(91, 100)]
    public async Task A_retry_of_a_part_leaves_the_rest_ended(int first, int last)
    {
        var job = Story.Submit(120);
        Story.EndTasks(job, 1, 100);
        Story.EndTasks(job, 101, 120);
        Story.EndJob(job);
        await CommitAndFindAllAgain();

        Story.Retry(job, first, last);

        var snapshot = await CommitAndFindAllAgain();
        Assert.Equal(120 - (last - first + 1), Assert.Single(snapshot.Jobs).Ended.Sum(ended => ended.Tasks.Count));
    }

    [Fact]
    public async Task A_task_is_retried_whichever_way_it_was_cancelled()
    {
        var job = Story.Submit(4);
        var leases = Story.Grant(job, 1, 2);
        Story.End(job, leases[0], TaskState.Cancelled, AttemptOutcome.Cancelled);
        Story.End(job, leases[1], TaskState.Ready);
        Story.EndTasks(job, 2, 4);
        Story.EndJob(job);

        Story.Retry(job, 1, 4);

        var snapshot = await CommitAndFindAllAgain();
        Assert.Empty(Assert.Single(snapshot.Jobs).Ended);
        Assert.Equal(2, snapshot.Jobs[0].Histories.Count);
    }
}
