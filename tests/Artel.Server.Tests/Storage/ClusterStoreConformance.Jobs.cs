using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

public abstract partial class ClusterStoreConformance
{
    [Fact]
    public async Task A_new_store_knows_nothing_and_has_an_identity_that_stays()
    {
        var identity = Store.ClusterId;

        var snapshot = await Reopen();

        Assert.NotEmpty(identity);
        Assert.Equal(identity, Store.ClusterId);
        Assert.Empty(snapshot.Jobs);
        Assert.Empty(snapshot.Nodes);
        Assert.Equal((0, 0), (snapshot.LastJob, snapshot.LastPosition));
    }

    [Fact]
    public async Task Every_start_has_a_larger_epoch_even_where_nothing_was_stored_between()
    {
        var first = (await Reopen()).Epoch;
        var second = (await Reopen()).Epoch;
        var third = (await Reopen()).Epoch;

        Assert.Equal([first, first + 1, first + 2], [first, second, third]);
    }

    [Fact]
    public async Task A_submitted_job_is_found_again_with_its_document_and_its_user()
    {
        Story.Submit(5, name: "перебор 参数 🦀", user: "Žofie");

        var snapshot = await CommitAndFindAllAgain();

        var job = Assert.Single(snapshot.Jobs);
        Assert.Equal(("перебор 参数 🦀", "Žofie", 5), (job.Spec.Name, job.Spec.User, job.Spec.TaskCount));
    }

    [Fact]
    public async Task An_empty_document_stays_an_empty_document()
    {
        var spec = Story.ReadSpec("empty\n1"u8.ToArray());
        await Store.CommitAsync([new JobSubmitted(new JobId(1), spec, default, "", false, Story.Now)], Cancellation);

        var job = await Store.GetJobAsync(new JobId(1), Cancellation);

        Assert.True(job!.Document.IsEmpty);
    }

    [Fact]
    public async Task A_job_is_found_by_its_user_and_the_id_of_its_request_and_by_nothing_else()
    {
        var job = Story.Submit(1, requestId: "request-1", user: "alice");
        var others = Story.Submit(1, requestId: "request-1", user: "bob");
        Story.Submit(1, user: "alice");
        Story.Submit(1, user: "alice");
        await Commit();

        Assert.Equal(job, await Store.FindRequestAsync("alice", "request-1", Cancellation));
        Assert.Equal(others, await Store.FindRequestAsync("bob", "request-1", Cancellation));
        Assert.Null(await Store.FindRequestAsync("carol", "request-1", Cancellation));
        Assert.Null(await Store.FindRequestAsync("alice", "request-2", Cancellation));
        Assert.Null(await Store.FindRequestAsync("alice", "", Cancellation));
    }

    [Fact]
    public async Task A_priority_and_the_limits_of_tags_are_kept_as_they_were_set_last()
    {
        var job = Story.Submit(1);
        Story.Tell(new JobPriorityChanged(job, 3));
        Story.Tell(new JobPriorityChanged(job, -7));
        Story.Tell(new LimitSet("db", 4));
        Story.Tell(new LimitSet("net", 1));
        Story.Tell(new LimitSet("db", 2));
        Story.Tell(new LimitSet("net", null));

        var snapshot = await CommitAndFindAllAgain();

        Assert.Equal(-7, Assert.Single(snapshot.Jobs).Priority);
        Assert.Equal([new LimitSet("db", 2)], snapshot.Limits);
    }

    [Fact]
    public async Task Other_terms_are_kept_and_those_that_leases_were_granted_with_until_the_job_ends()
    {
        var job = Story.Submit(3);
        var first = Story.Grant(job, 1, 1);
        Revise("second, longer than the first\n3", first[0]);
        Revise("third\n3", first[0]);
        var later = Story.Grant(job, 2, 1);
        Revise("fourth\n3", later[0]);

        var snapshot = Assert.Single((await CommitAndFindAllAgain()).Jobs);

        Assert.Equal("fourth", snapshot.Spec.Name);
        Assert.Equal([first[0], later[0]], snapshot.Earlier.Select(e => e.UpTo));
        Assert.Equal("third", snapshot.Earlier[1].Spec.Name);
        Assert.Equal("fourth", Assert.Single(await Store.ListJobsAsync(new JobQuery { Limit = 9 }, Cancellation)).Name);

        Story.Tell(new JobEnded(job, JobState.Cancelled, default, Story.Now));
        await Commit();
        Assert.Empty((await Store.LoadJobAsync(job, Cancellation))!.Earlier);

        void Revise(string text, Lease upTo)
        {
            var document = System.Text.Encoding.UTF8.GetBytes(text);
            var before = Story.Reference.Jobs[job.Value].Document.Length;
            Story.Tell(new JobRevised(job, Story.ReadSpec(document) with { User = "ada" }, document, text) { UpTo = upTo, Grown = document.Length - before });
        }
    }

    [Fact]
    public async Task Tags_of_a_job_are_kept()
    {
        var spec = Story.ReadSpec("tagged\n1"u8.ToArray()) with { Tags = ["db", "экс.1"] };
        await Store.CommitAsync([new JobSubmitted(new JobId(1), spec, default, "", false, Story.Now)], Cancellation);

        Assert.Equal(["db", "экс.1"], (await Store.GetJobAsync(new JobId(1), Cancellation))!.Tags);
        Assert.Equal(["db", "экс.1"], Assert.Single(await Store.ListJobsAsync(new JobQuery { Limit = 9, Tag = "экс.1" }, Cancellation)).Tags);
        Assert.Empty(await Store.ListJobsAsync(new JobQuery { Limit = 9, Tag = "d" }, Cancellation));
    }

    [Fact]
    public async Task Start_hold_and_release_are_kept()
    {
        var job = Story.Submit(1, held: true);
        var other = Story.Submit(1);
        Story.Tell(new JobHeldOrReleased(job, false));
        Story.Tell(new JobHeldOrReleased(other, true));
        Story.Tell(new JobStarted(job, Story.Now));

        var snapshot = await CommitAndFindAllAgain();

        Assert.Equal([(job, false), (other, true)], snapshot.Jobs.Select(each => (each.Job, each.Held)));
    }

    [Fact]
    public async Task An_ended_job_is_not_loaded_but_can_be_read()
    {
        var job = Story.Submit(3);
        var leases = Story.Grant(job, 1, 3);
        Story.End(job, leases[0]);
        Story.End(job, leases[1], TaskState.Failed, reason: "exit status 1");
        Story.End(job, leases[2], TaskState.Cancelled, AttemptOutcome.Cancelled);
        Story.EndJob(job);

        var snapshot = await CommitAndFindAllAgain();

        Assert.Empty(snapshot.Jobs);
        Assert.Equal(job.Value, snapshot.LastJob);
        Assert.Equal(3, snapshot.LastPosition);
        var stored = await Store.GetJobAsync(job, Cancellation);
        Assert.Equal(JobState.Failed, stored!.State);
        Assert.Equal(new TaskCounts(3, 0, 0, 0, 0, 1, 1, 1, 0), stored.Counts);
    }

    [Fact]
    public async Task A_job_that_no_one_submitted_is_not_found()
    {
        Assert.Null(await Store.GetJobAsync(new JobId(99), Cancellation));
        Assert.Null(await Store.LoadJobAsync(new JobId(99), Cancellation));
        Assert.Empty(await Store.ListAttemptsAsync(new JobId(99), new TaskRange(1, 10), Cancellation));
        Assert.Empty(await Store.TallyNodesAsync(new JobId(99), Cancellation));
    }

    [Fact]
    public async Task A_reopened_job_is_loaded_again()
    {
        var job = Story.Submit(3);
        Story.End(job, Story.Grant(job, 1)[0]);
        Story.EndTasks(job, 2, 3);
        Story.EndJob(job);
        await CommitAndFindAllAgain();

        Story.Retry(job, 2, 3);

        var snapshot = await CommitAndFindAllAgain();
        Assert.Equal([new EndedTasks(new TaskRange(1, 1), TaskState.Succeeded)], Assert.Single(snapshot.Jobs).Ended);
        Assert.Equal(default, (await Store.GetJobAsync(job, Cancellation))!.Counts);
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_a_page_at_a_time()
    {
        for (var i = 0; i < 25; i++)
        {
            Story.Submit(1, name: $"job {i}");
        }

        await Commit();

        var pages = new List<long[]>();
        var before = new JobId(long.MaxValue);
        for (var page = await Ids(before); page.Length > 0; page = await Ids(before))
        {
            pages.Add(page);
            before = new JobId(page[^1]);
        }

        Assert.Equal([10, 10, 5], pages.Select(page => page.Length));
        Assert.Equal(Enumerable.Range(1, 25).Reverse().Select(id => (long)id), pages.SelectMany(page => page));

        async Task<long[]> Ids(JobId limit) => [.. (await Store.ListJobsAsync(new JobQuery { Before = limit, Limit = 10 }, Cancellation)).Select(job => job.Job.Value)];
    }

    [Fact]
    public async Task Jobs_are_listed_by_state_and_an_unfinished_one_counts_as_running()
    {
        JobState[] states = [JobState.Succeeded, JobState.Running, JobState.Failed, JobState.Cancelled, JobState.Running, JobState.Failed];
        foreach (var state in states)
        {
            var job = Story.Submit(1);
            if (state.HasEnded())
            {
                Story.Tell(new JobEnded(job, state, new TaskCounts { Total = 1 }, Story.Now));
            }
        }

        await Commit();

        Assert.Equal("5 2", await Ids(100, JobState.Running));
        Assert.Equal("6 4 3", await Ids(100, JobState.Failed, JobState.Cancelled));
        Assert.Equal("6 4", await Ids(2, JobState.Failed, JobState.Cancelled, JobState.Failed));
        Assert.Equal("", await Ids(100, JobState.Waiting));
        Assert.Equal(new JobId(1), Assert.Single(await Store.ListJobsAsync(new JobQuery { Before = new JobId(3), Limit = 9, States = [JobState.Succeeded] }, Cancellation)).Job);

        async Task<string> Ids(int limit, params JobState[] of) =>
            string.Join(' ', (await Store.ListJobsAsync(new JobQuery { Limit = limit, States = of }, Cancellation)).Select(job => job.Job));
    }

    [Fact]
    public async Task Jobs_are_listed_by_name_by_user_and_by_the_time_of_their_end()
    {
        string[] names = ["sweep-1", "sweep-2", "render", "[odd]", "sweep-3"];
        var start = Story.Now;
        foreach (var name in names)
        {
            Story.Submit(1, name: name);
        }

        // They end in another order than they came, two of them in the same moment; the last does not end.
        End(3, JobState.Succeeded, minute: 0);
        End(1, JobState.Failed, minute: 1);
        End(2, JobState.Succeeded, minute: 1);
        End(4, JobState.Cancelled, minute: 2);
        await Commit();

        Assert.Equal("5 2 1", await Ids(new JobQuery { Limit = 9, Name = "sweep-*" }));
        Assert.Equal("4", await Ids(new JobQuery { Limit = 9, Name = JobQuery.Exactly("[odd]") }));
        Assert.Equal("", await Ids(new JobQuery { Limit = 9, Name = "[odd]" }));
        Assert.Equal("2 1", await Ids(new JobQuery { Limit = 9, Name = "sweep-?", States = [JobState.Succeeded, JobState.Failed] }));
        Assert.Equal("", await Ids(new JobQuery { Limit = 9, User = "nobody" }));
        Assert.Equal("4 2 1 3", await Ids(new JobQuery { Limit = 9, ByEnd = true }));
        Assert.Equal("4 2", await Ids(new JobQuery { Limit = 2, ByEnd = true }));
        Assert.Equal("1 3", await Ids(new JobQuery { Limit = 9, ByEnd = true, Before = new JobId(2) }));
        Assert.Equal("2 3", await Ids(new JobQuery { Limit = 9, ByEnd = true, States = [JobState.Succeeded] }));
        Assert.Equal("2 1", await Ids(new JobQuery { Limit = 9, ByEnd = true, EndedSince = start.AddSeconds(30), EndedBefore = start.AddSeconds(90) }));

        void End(int job, JobState state, int minute) =>
            Story.Tell(new JobEnded(new JobId(job), state, new TaskCounts { Total = 1 }, start.AddMinutes(minute)));

        async Task<string> Ids(JobQuery query) => string.Join(' ', (await Store.ListJobsAsync(query, Cancellation)).Select(job => job.Job));
    }

    [Fact]
    public async Task Failed_tasks_are_grouped_by_how_they_failed_and_attempts_are_measured()
    {
        var job = Story.Submit(6);
        var leases = Story.Grant(job, 1, 6);
        for (var i = 0; i < 6; i++)
        {
            var outcome = i switch { 0 => AttemptOutcome.Succeeded, 5 => AttemptOutcome.Signalled, _ => AttemptOutcome.Failed };
            var result = Story.Plain(outcome) with
            {
                ExitStatus = i is > 0 and < 5 ? 2 : 0,
                Signal = i == 5 ? 9 : 0,
                Usage = new Usage(TimeSpan.FromSeconds(i + 1), TimeSpan.FromSeconds(1), default, 1000),
            };
            Story.End(job, leases[i], i == 0 ? TaskState.Succeeded : TaskState.Failed, outcome, result);
        }

        await Commit();

        var list = await Store.GroupFailuresAsync(job, 1, Cancellation);
        Assert.Equal((2, 5), (list.GroupCount, list.TaskCount));
        var group = Assert.Single(list.Groups);
        Assert.Equal((4, 2), (group.Count, group.First.Result.ExitStatus));
        Assert.Equal([2, 3, 4, 5], group.Tasks);
        Assert.Empty((await Store.GroupFailuresAsync(new JobId(99), 5, Cancellation)).Groups);
        Assert.Equal([new TaskRange(3, 3), new TaskRange(4, 4)], await Store.FindEndedAsync(job, [TaskState.Failed], after: 2, limit: 2, Cancellation));
        Assert.Empty(await Store.FindEndedAsync(job, [TaskState.Cancelled, TaskState.Skipped], 0, 9, Cancellation));

        var measured = new List<MeasuredAttempt>();
        await Store.MeasureAsync(job, 0, measured.Add, Cancellation);
        Assert.Equal([1, 2, 3, 4, 5, 6], measured.Select(m => m.Wall.TotalSeconds));
        Assert.All(measured, m => Assert.Equal((TimeSpan.FromSeconds(1), 1000L), (m.Cpu, m.PeakMemoryBytes)));

        var later = new List<MeasuredAttempt>();
        await Store.MeasureAsync(job, measured[3].Position, later.Add, Cancellation);
        Assert.Equal(measured[4..], later);
    }

    [Fact]
    public async Task Documents_are_read_with_a_job_and_left_out_of_lists()
    {
        var job = Story.Submit(1);
        await Commit();

        Assert.False((await Store.GetJobAsync(job, Cancellation))!.Document.IsEmpty);
        Assert.True(Assert.Single(await Store.ListJobsAsync(new JobQuery { Limit = 9 }, Cancellation)).Document.IsEmpty);
    }
}
