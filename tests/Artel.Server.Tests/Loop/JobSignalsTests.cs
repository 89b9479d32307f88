using Artel.Core;
using Artel.Server.Loop;

namespace Artel.Server.Tests.Loop;

/// <summary>Who watches a job is woken by what concerns it, and by its end apart from that.</summary>
public class JobSignalsTests
{
    private static readonly JobId Watched = new(7);
    private readonly JobSignals _signals = new();

    [Fact]
    public void A_change_wakes_once_and_only_those_who_watch_the_job()
    {
        using var watch = _signals.Watch(Watched);
        using var other = _signals.Watch(new JobId(8));
        var (change, end, others) = (watch.NextChange, watch.NextEnd, other.NextChange);

        _signals.Tell([new JobHeldOrReleased(Watched, Held: true), new JobHeldOrReleased(Watched, Held: false)]);

        Assert.True(change.IsCompleted);
        Assert.False(watch.NextChange.IsCompleted, "what comes next has not come");
        Assert.False(end.IsCompleted);
        Assert.False(others.IsCompleted);
    }

    [Fact]
    public void The_end_is_told_behind_other_changes_of_one_batch()
    {
        using var watch = _signals.Watch(Watched);
        var (change, end) = (watch.NextChange, watch.NextEnd);

        _signals.Tell([new JobHeldOrReleased(Watched, Held: false), new JobEnded(Watched, JobState.Succeeded, default, default)]);

        Assert.True(change.IsCompleted);
        Assert.True(end.IsCompleted);
    }

    [Fact]
    public void One_who_leaves_leaves_the_others_watching()
    {
        using var stays = _signals.Watch(Watched);
        var change = stays.NextChange;

        _signals.Watch(Watched).Dispose();
        _signals.Tell([new JobReopened(Watched)]);

        Assert.True(change.IsCompleted);
    }
}
