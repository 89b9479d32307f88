using System.Collections.Immutable;
using Artel.Core;
using Artel.Server.Accounting;
using Artel.Server.Storage;
using Artel.Server.Tests.Storage;

namespace Artel.Server.Tests.Accounting;

/// <summary>What is kept of what attempts used.</summary>
public sealed class UsageRowsTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly Needs Asked = new(2000, 1 << 30, 500, []);

    private readonly TemporaryFolder _folder = new();
    private long _sequence;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Hours_are_what_was_requested_times_how_long_it_ran()
    {
        await using var live = await LiveStore.OpenAsync(_folder.Path);
        await CommitAsync(live, Ended("ada", "n1", TimeSpan.FromHours(3), used: TimeSpan.FromHours(1)));

        var total = (await ReadAsync(live, UsageKey.User)).Total;
        Assert.Equal((1L, 1L, 0L), (total.Tasks, total.Attempts, total.Failures));
        Assert.Equal(3 * 3600, total.HeldSeconds, 3);
        Assert.Equal(2 * 3 * 3600, total.CpuSeconds, 3);
        Assert.Equal(0.5 * 3 * 3600, total.GpuSeconds, 3);
        Assert.Equal(3d * 3600 * (1 << 30), total.MemoryByteSeconds, 3);
        Assert.Equal(3600, total.UsedCpuSeconds, 3);
    }

    [Fact]
    public async Task Sums_of_batches_add_up_and_survive_a_restart()
    {
        await using (var live = await LiveStore.OpenAsync(_folder.Path))
        {
            await CommitAsync(live, Ended("ada", "n1", TimeSpan.FromHours(1)), Ended("bob", "n1", TimeSpan.FromHours(2)));
            await CommitAsync(live, Ended("ada", "n2", TimeSpan.FromHours(4)));
        }

        await using var again = await LiveStore.OpenAsync(_folder.Path);
        Assert.Equal([("ada", 10d), ("bob", 4d)], Hours(await ReadAsync(again, UsageKey.User)));
        Assert.Equal([("n2", 8d), ("n1", 6d)], Hours(await ReadAsync(again, UsageKey.Node)));
        Assert.Equal([("n2", 8d), ("n1", 2d)], Hours(await ReadAsync(again, UsageKey.Node, user: "ada")));
    }

    [Fact]
    public async Task A_task_counts_under_each_of_its_tags_and_once_in_the_total()
    {
        await using var live = await LiveStore.OpenAsync(_folder.Path);
        await CommitAsync(live, Ended("ada", "n1", TimeSpan.FromHours(1), ["blue", "night"]), Ended("ada", "n1", TimeSpan.FromHours(2), ["blue"]), Ended("ada", "n1", TimeSpan.FromHours(4)));

        var answer = await ReadAsync(live, UsageKey.Tag);
        Assert.Equal([("", 8d), ("blue", 6d), ("night", 2d)], Hours(answer));
        Assert.Equal((3L, 14d * 3600), (answer.Total.Attempts, Math.Round(answer.Total.CpuSeconds, 3)));
    }

    [Fact]
    public async Task Time_over_midnight_is_divided_among_the_days_and_the_attempt_counts_on_the_last()
    {
        await using var live = await LiveStore.OpenAsync(_folder.Path);
        await CommitAsync(live, Ended("ada", "n1", TimeSpan.FromHours(40), used: TimeSpan.FromHours(20)));

        var days = (await ReadAsync(live, UsageKey.Day)).Rows;
        Assert.Equal([4d, 24d, 12d], days.Select(d => Math.Round(d.Sum.HeldSeconds / 3600, 3)));
        Assert.Equal([2d, 12d, 6d], days.Select(d => Math.Round(d.Sum.UsedCpuSeconds / 3600, 3)));
        Assert.Equal([0L, 0L, 1L], days.Select(d => d.Sum.Attempts));
        Assert.Equal(UsageRows.DayOf(Noon), days[^1].Day);
    }

    [Fact]
    public async Task Failures_losses_and_moves_are_told_apart_and_all_hold_time()
    {
        await using var live = await LiveStore.OpenAsync(_folder.Path);
        AttemptOutcome[] outcomes = [AttemptOutcome.Failed, AttemptOutcome.TimedOut, AttemptOutcome.Lost, AttemptOutcome.Moved, AttemptOutcome.Cancelled, AttemptOutcome.Succeeded];
        await CommitAsync(live, [.. outcomes.Select(o => Ended("ada", "n1", TimeSpan.FromHours(1), outcome: o, next: o == AttemptOutcome.Succeeded ? TaskState.Succeeded : TaskState.Ready))]);

        var total = (await ReadAsync(live, UsageKey.User)).Total;
        Assert.Equal((1L, 6L, 2L, 1L), (total.Tasks, total.Attempts, total.Failures, total.Losses));
        Assert.Equal(12, total.CpuSeconds / 3600, 3);
    }

    [Fact]
    public async Task Sums_outlive_the_jobs_they_come_from()
    {
        await using var live = await LiveStore.OpenAsync(_folder.Path);
        await CommitAsync(live, Ended("ada", "n1", TimeSpan.FromHours(1), ["blue"]));
        await live.Database.WriteAsync(c => c.Execute("DELETE FROM attempts"), CancellationToken.None);

        Assert.Equal([("ada", 2d)], Hours(await ReadAsync(live, UsageKey.User)));
        Assert.Equal([("blue", 2d)], Hours(await ReadAsync(live, UsageKey.Tag)));
    }

    [Fact]
    public async Task A_user_with_a_tag_for_every_job_takes_a_bounded_number_of_rows_a_day()
    {
        await using (var live = await LiveStore.OpenAsync(_folder.Path))
        {
            for (var batch = 0; batch < 3; batch++)
            {
                var from = batch * 500;
                await CommitAsync(live, [.. Enumerable.Range(from, 500).Select(i => Ended("ada", "n1", TimeSpan.FromSeconds(1), [$"job-{i}"]))]);
            }
        }

        await using var again = await LiveStore.OpenAsync(_folder.Path);
        await CommitAsync(again, Ended("ada", "n1", TimeSpan.FromSeconds(1), ["one-more", "and-another"]));
        var answer = await ReadAsync(again, UsageKey.Tag);
        Assert.Equal(UsageRows.MostTags + 1, answer.RowCount);
        Assert.Equal(501, answer.Rows.Single(r => r.Key == UsageRows.OtherTags).Sum.Attempts);
    }

    [Fact]
    public async Task Days_before_and_after_those_asked_for_are_left_out()
    {
        await using var live = await LiveStore.OpenAsync(_folder.Path);
        await CommitAsync(live, Ended("ada", "n1", TimeSpan.FromHours(1), at: Noon), Ended("ada", "n1", TimeSpan.FromHours(1), at: Noon.AddDays(1)), Ended("ada", "n1", TimeSpan.FromHours(1), at: Noon.AddDays(2)));

        var day = UsageRows.DayOf(Noon.AddDays(1));
        Assert.Equal(1, (await ReadAsync(live, UsageKey.User, first: day, last: day)).Total.Attempts);
    }

    private AttemptEnded Ended(
        string user, string node, TimeSpan held, ImmutableArray<string>? tags = null, TimeSpan used = default, AttemptOutcome outcome = AttemptOutcome.Succeeded,
        TaskState next = TaskState.Succeeded, DateTimeOffset? at = null)
    {
        var number = (int)++_sequence;
        var result = new AttemptResult(outcome, 0, 0, "", null, new Artel.Core.Usage(held, used, default, 0), KeptOutput.Empty, KeptOutput.Empty);
        return new AttemptEnded(
            new Lease(1, number), new LeaseRange(1, number, 1), true, new TaskId(new JobId(1), number), 1, new NodeId(node), result, number, next, null,
            new TaskHistory(1, 0, []), "", at ?? Noon)
        {
            Held = new AttemptHolding(user, Asked, tags ?? [], held),
        };
    }

    private static Task CommitAsync(LiveStore live, params Change[] changes) => live.Store.CommitAsync(changes, CancellationToken.None);

    private static Task<UsageAnswer> ReadAsync(LiveStore live, UsageKey by, long first = 0, long last = 100_000, string user = "") =>
        live.Database.ReadAsync(c => UsageTable.Read(c, new UsageQuery(by, first, last, user, 10_000)), CancellationToken.None);

    private static IEnumerable<(string, double)> Hours(UsageAnswer answer) => answer.Rows.Select(r => (r.Key, Math.Round(r.Sum.CpuSeconds / 3600, 3)));
}
