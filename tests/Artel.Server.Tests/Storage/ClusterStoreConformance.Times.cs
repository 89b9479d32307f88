using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

/// <summary>Attempts by their times, and what did not succeed.</summary>
public abstract partial class ClusterStoreConformance
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_did_not_succeed_is_found_among_what_did(bool many)
    {
        var job = Story.Submit(10);
        var leases = Story.Grant(job, 1, 6);
        for (var i = 0; i < 6; i++)
        {
            Story.End(job, leases[i], i is 1 or 4 ? TaskState.Failed : TaskState.Succeeded);
        }

        Story.EndTasks(job, 7, 9, TaskState.Skipped);
        Story.EndTasks(job, 10, 10);
        Story.EndJob(job);
        Story.Retry(job, 5, 5);
        await Commit();

        Assert.Equal([(2, 2, TaskState.Failed), (7, 9, TaskState.Skipped), (10, 10, TaskState.Cancelled)], await FoundAsync(1, 10));
        Assert.Equal([(7, 9, TaskState.Skipped)], await FoundAsync(3, 8));

        async Task<IEnumerable<(int, int, TaskState)>> FoundAsync(int first, int last)
        {
            var found = new List<(int First, int Last, TaskState State)>();
            await Store.FindUnsuccessfulAsync(job, new TaskRange(first, last), many, (tasks, state) => found.Add((tasks.First, tasks.Last, state)), Cancellation);
            return found.Order();
        }
    }

    [Fact]
    public async Task Attempts_of_a_job_are_found_by_the_time_in_which_they_ran()
    {
        var (job, other) = (Story.Submit(6), Story.Submit(1));
        var start = Story.Now;
        var leases = Story.Grant(job, 1, 6);
        Story.End(other, Story.Grant(other, 1)[0]);

        // Task i starts at i minutes and takes as many, but for the fourth, which takes an hour and ends last. The second one failed.
        foreach (var i in (int[])[1, 2, 3, 5, 6, 4])
        {
            var minutes = i == 4 ? 60 : i;
            var result = Story.Plain(i == 2 ? AttemptOutcome.Failed : AttemptOutcome.Succeeded) with { Started = start.AddMinutes(i), ExitStatus = i == 2 ? 7 : 0 };
            var ended = Story.End(job, leases[i - 1], i == 2 ? TaskState.Failed : TaskState.Succeeded, result: result);
            Story.Pending[^1] = ended with { At = start.AddMinutes(i + minutes) };
        }

        await Commit();

        Assert.Equal([4, 6, 5, 3, 2, 1], await TasksAsync(null, null));
        Assert.Equal([1, 2, 3, 5, 6, 4], await TasksAsync(null, null, oldest: true));
        Assert.Equal([4, 6, 5], await TasksAsync(7, null));
        Assert.Equal([2, 1], await TasksAsync(null, 3));
        Assert.Equal([4, 5], await TasksAsync(8, 6));
        Assert.Equal([4, 6], await TasksAsync(null, null, limit: 2));
        Assert.Equal([4, 6, 2], await TasksAsync(null, null, limit: 3, longest: true));
        var few = await Store.ListAttemptsAsync(job, new AttemptWindow(null, null, 3, OldestFirst: false, LongestOnly: true), Cancellation);
        Assert.Equal((6, true), (few.Count, few.IsAll));
        Assert.Equal((AttemptOutcome.Failed, 7, start.AddMinutes(2)), (few.Attempts[2].Outcome, few.Attempts[2].ExitStatus, few.Attempts[2].Started));
        Assert.Empty((await Store.ListAttemptsAsync(new JobId(99), new AttemptWindow(null, null, 3, false, false), Cancellation)).Attempts);

        async Task<IEnumerable<int>> TasksAsync(int? from, int? to, int limit = 10, bool oldest = false, bool longest = false) =>
            (await Store.ListAttemptsAsync(job, new AttemptWindow(After(from), After(to), limit, oldest, longest), Cancellation)).Attempts.Select(a => a.Task.Number);

        DateTimeOffset? After(int? minutes) => minutes is { } m ? start.AddMinutes(m) : null;
    }

    [Fact]
    public async Task The_last_attempts_of_a_node_are_found_over_all_jobs()
    {
        var jobs = Enumerable.Range(0, 4).Select(_ => Story.Submit(4)).ToArray();
        foreach (var task in Enumerable.Range(1, 3))
        {
            foreach (var job in jobs)
            {
                Story.End(job, Story.Grant(job, task, node: task == 2 ? "two" : "one")[0]);
            }
        }

        Story.EndTasks(jobs[0], 4, 4);
        Story.EndJob(jobs[0]);
        await Commit();

        Assert.Equal(["4.3", "3.3", "2.3", "1.3", "4.1", "3.1", "2.1", "1.1"], await TasksAsync("one", 10));
        Assert.Equal(["2.3", "3.3", "4.3"], await TasksAsync("one", 3, oldest: true));
        Assert.Equal(4, (await TasksAsync("two", 10)).Count());
        Assert.Empty(await TasksAsync("three", 10));
        Assert.False((await Store.ListAttemptsAsync(new NodeId("one"), new AttemptWindow(null, null, 3, false, false), Cancellation)).IsAll);
        Assert.True((await Store.ListAttemptsAsync(new NodeId("one"), new AttemptWindow(null, null, 8, false, false), Cancellation)).IsAll);

        async Task<IEnumerable<string>> TasksAsync(string node, int limit, bool oldest = false) =>
            (await Store.ListAttemptsAsync(new NodeId(node), new AttemptWindow(null, null, limit, oldest, false), Cancellation)).Attempts.Select(a => a.Task.ToString());
    }
}
