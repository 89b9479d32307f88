using Artel.Core;
using Artel.Protocol.V1;
using Artel.Server.Schedules;
using Artel.Server.Storage;
using Artel.Server.Tests.Storage;
using Schedule = Artel.Server.Schedules.Schedule;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Schedules;

/// <summary>Schedules on disk: what was decided is there before it is done, and what was done is not decided again.</summary>
public sealed class ScheduleBookTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private DataFolder? _data;
    private Database? _database;
    private SqliteStore? _store;
    private ScheduleBook? _book;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ScheduleBook Book => _book!;

    public async ValueTask InitializeAsync() => await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_schedule_and_its_job_survive_a_restart()
    {
        await AddAsync("nightly", "0 3 * * 1-5", "Europe/Prague", Overlap.After, Missed.Skip);

        await ReopenAsync();

        var kept = Assert.Single(Book.All);
        Assert.Equal(
            ("nightly", "0 3 * * 1-5", "Europe/Prague", Overlap.After, Missed.Skip, "ada", "job", 3, Start),
            (kept.Name, kept.Cron, kept.Zone, kept.Overlap, kept.Missed, kept.User, kept.JobName, kept.TaskCount, kept.Created));
        Assert.Equal([1, 2, 3], await Book.ReadDocumentAsync(kept, Cancellation));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 2, 0, 0, TimeSpan.Zero), kept.Next);
    }

    [Fact]
    public async Task A_name_is_taken_once_and_free_again_after_its_schedule()
    {
        Assert.Equal(AddOutcome.Added, await AddAsync("a"));
        var first = Book.Find("a")!;
        Assert.Equal(AddOutcome.NameTaken, await AddAsync("a"));
        Assert.True(await Book.RemoveAsync(first, Cancellation));
        Assert.Equal(AddOutcome.Added, await AddAsync("a"));

        Assert.NotEqual(first.Id, Book.Find("a")!.Id);
        Assert.False(await Book.RemoveAsync(first, Cancellation));
        Assert.NotNull(Book.Find("a"));
    }

    [Fact]
    public async Task What_was_decided_and_not_done_is_found_by_the_next_start_and_keeps_its_request_id()
    {
        await AddAsync("a");
        var (due, planned) = await Book.DecideAsync(Start.AddSeconds(10), Start, Cancellation);
        Assert.Equal(1, due);
        var before = Assert.Single(planned);

        await ReopenAsync();

        var after = Assert.Single(await Book.ReadPlannedAsync(Cancellation));
        Assert.Equal((before.Run, before.At, before.RequestId), (after.Run, after.At, after.RequestId));
        Assert.Equal((0, 0), (await DueAsync(10), (await Book.ReadPlannedAsync(Cancellation)).Count - 1));
    }

    [Fact]
    public async Task What_was_noted_is_done()
    {
        await AddAsync("a");
        var job = await SubmitAsync();
        await DoAsync(10, job);

        await ReopenAsync();

        Assert.Empty(await Book.ReadPlannedAsync(Cancellation));
        Assert.Equal(0, await DueAsync(10));
        var run = Assert.Single(await Book.ReadRunsAsync(Book.Find("a")!, 20, Cancellation));
        Assert.Equal((Start.AddSeconds(10), job, Core.JobState.Running), (run.At, run.Job!.Value, run.State));
    }

    [Fact]
    public async Task While_its_job_has_not_ended_a_time_is_skipped_and_noted()
    {
        await AddAsync("a");
        var job = await SubmitAsync();
        await DoAsync(10, job);

        var (due, planned) = await Book.DecideAsync(Start.AddSeconds(20), Start, Cancellation);

        Assert.Equal((1, 0), (due, planned.Count));
        var run = (await Book.ReadRunsAsync(Book.Find("a")!, 20, Cancellation))[0];
        Assert.Equal((null, $"job {job} has not ended"), (run.Job, run.Reason));
    }

    [Fact]
    public async Task A_run_by_hand_counts_as_a_job_of_the_schedule_and_is_noted_once()
    {
        await AddAsync("a", overlap: Overlap.Replace);
        var job = await SubmitAsync();
        await Book.NoteByHandAsync(Book.Find("a")!, Start, job, Cancellation);
        await Book.NoteByHandAsync(Book.Find("a")!, Start.AddSeconds(1), job, Cancellation);

        var (_, planned) = await Book.DecideAsync(Start.AddSeconds(10), Start, Cancellation);

        Assert.Equal([job], Assert.Single(planned).Verdict.Cancel);
        Assert.Single(await Book.ReadRunsAsync(Book.Find("a")!, 20, Cancellation), r => r.ByHand);
    }

    [Fact]
    public async Task A_paused_schedule_makes_nothing_and_makes_up_for_nothing()
    {
        await AddAsync("a");
        Assert.True(await Book.SetPausedAsync(Book.Find("a")!, true, Start.AddSeconds(1), Cancellation));
        await ReopenAsync();
        Assert.Equal(0, await DueAsync(35));

        Assert.True(await Book.SetPausedAsync(Book.Find("a")!, false, Start.AddSeconds(35), Cancellation));

        Assert.Equal(0, await DueAsync(39));
        var (_, planned) = await Book.DecideAsync(Start.AddSeconds(40), Start, Cancellation);
        Assert.Equal(Start.AddSeconds(40), Assert.Single(planned).At);
    }

    [Fact]
    public async Task Of_what_is_over_only_the_last_is_kept()
    {
        await AddAsync("a", missed: Missed.Skip);
        for (var i = 1; i <= ScheduleRows.KeptRuns + 5; i++)
        {
            // A server that starts after each time: every time is missed, and passed over.
            await Book.DecideAsync(Start.AddSeconds((10 * i) + 5), Start.AddSeconds((10 * i) + 5), Cancellation);
        }

        var runs = await Book.ReadRunsAsync(Book.Find("a")!, 100, Cancellation);
        Assert.Equal(ScheduleRows.KeptRuns, runs.Count);
        Assert.Equal(Start.AddSeconds(10 * (ScheduleRows.KeptRuns + 5)), runs[0].At);
        Assert.All(runs, r => Assert.Equal((true, "the server did not run then"), (r.Missed, r.Reason)));
    }

    [Fact]
    public async Task A_clock_that_was_years_ahead_is_not_waited_for()
    {
        await AddAsync("a");
        var ahead = Start.AddYears(5);
        await DoAsync(ahead, await SubmitAsync(), since: ahead);
        await ReopenAsync();

        Assert.Equal((0, 0), (await DueAsync(5), await DueAsync(9)));
        Assert.Equal(1, await DueAsync(10));
    }

    [Fact]
    public async Task A_zone_that_has_gone_from_the_machine_stops_its_schedule_and_not_the_server()
    {
        await AddAsync("a");
        await AddAsync("b");
        await _database!.WriteAsync(connection => connection.Execute("UPDATE schedules SET cron = '* * * * * *', zone = 'Gone/Zone' WHERE name = 'a'"), Cancellation);

        await ReopenAsync();

        Assert.Contains("knows no time zone 'Gone/Zone'", Book.Find("a")!.Times.Problem, StringComparison.Ordinal);
        var (_, planned) = await Book.DecideAsync(Start.AddSeconds(10), Start, Cancellation);
        Assert.Equal("b", Assert.Single(planned).Schedule.Name);
    }

    private async Task<int> DueAsync(int second) => (await Book.DecideAsync(Start.AddSeconds(second), Start, Cancellation)).Due;

    private Task DoAsync(int second, JobId job) => DoAsync(Start.AddSeconds(second), job, Start);

    private async Task DoAsync(DateTimeOffset now, JobId job, DateTimeOffset since)
    {
        var (_, planned) = await Book.DecideAsync(now, since, Cancellation);
        await Book.NoteAsync([(Assert.Single(planned), job, "")], Cancellation);
    }

    private Task<AddOutcome> AddAsync(
        string name, string cron = "every 10s", string zone = "UTC", Overlap overlap = Overlap.Skip, Missed missed = Missed.Run) => Book.AddAsync(
        new Schedule(0, name, cron, zone, overlap, missed, "ada", "job", 3, Start) { Times = TimetableTests.Of(cron, zone), Decided = Start },
        [1, 2, 3],
        _ => { },
        Cancellation);

    /// <summary>A job that does not end.</summary>
    private async Task<JobId> SubmitAsync()
    {
        var story = new Story();
        var job = story.Submit(1);
        await _store!.CommitAsync(story.Take(), Cancellation);
        return job;
    }

    private async Task ReopenAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    private async Task OpenAsync()
    {
        _data = DataFolder.Open(_folder["data"]);
        _database = await Database.OpenAsync(_data, Cancellation);
        _store = new SqliteStore(_database, TimeProvider.System);
        await _store.OpenAsync(Story.ReadSpec, Cancellation);
        _book = await ScheduleBook.OpenAsync(_database, Cancellation);
    }

    private async Task CloseAsync()
    {
        _book!.Dispose();
        await _store!.DisposeAsync();
        await _database!.DisposeAsync();
        _data!.Dispose();
    }
}
