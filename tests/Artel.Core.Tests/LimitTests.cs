namespace Artel.Core.Tests;

/// <summary>How many at once: of an array, and of what has a tag over the whole cluster.</summary>
public sealed class LimitTests
{
    private readonly TestCluster _cluster = new();

    public LimitTests()
    {
        _cluster.Connect("1", cpus: 16);
        _cluster.Connect("2", cpus: 16);
    }

    [Fact]
    public void An_array_runs_no_more_at_once_than_it_says_while_others_go_on()
    {
        var limited = _cluster.Submit(JobBuilder.Array(10, t => t with { AtOnce = 3 }));
        var other = _cluster.Submit(JobBuilder.Array(2));

        Assert.Equal(3, _cluster.State.View(limited)!.Counts.Leased);
        Assert.Equal(2, _cluster.State.View(other)!.Counts.Leased);
        Assert.Equal([new AtOnceReached(new TemplateName("array", 1, 10), 3, 3)], _cluster.Why(limited, 10));

        _cluster.Succeed(limited, 1);
        Assert.Equal([4], _cluster.Granted);
    }

    [Fact]
    public void Short_tasks_are_not_given_ahead_over_the_limit()
    {
        var job = _cluster.Submit(JobBuilder.Array(100, t => t with { AtOnce = 2 }));
        for (var task = 1; task <= 50; task++)
        {
            _cluster.Succeed(job, task, seconds: 0.001);
            Assert.InRange(_cluster.State.View(job)!.Counts.Leased, 1, 2);
        }
    }

    [Fact]
    public void A_limit_of_a_tag_counts_over_jobs_and_nodes()
    {
        _cluster.Do(s => s.SetLimit("db", 3));
        var first = _cluster.Submit(Tagged(2));
        var second = _cluster.Submit(Tagged(5));
        var free = _cluster.Submit(JobBuilder.Array(2));
        var last = _cluster.Submit(Tagged(1));

        Assert.Equal((2, 1, 2), (Leased(first), Leased(second), Leased(free)));
        Assert.Equal(new LimitView("db", 3, 3), Assert.Single(_cluster.State.ViewLimits()));
        Assert.Equal([new TagLimitReached("db", 3, 3)], _cluster.Why(second, 5));
        Assert.Equal((new TagLimitReached("db", 3, 3), 4), _cluster.Why(second)[0]);
        Assert.Equal([(new TagLimitReached("db", 3, 3), 1)], _cluster.Why(last));

        _cluster.Succeed(first, 1);
        Assert.Equal((1, 2), (Leased(first), Leased(second)));
    }

    [Fact]
    public void A_limit_can_be_raised_lowered_and_taken_away_while_tasks_run()
    {
        _cluster.Do(s => s.SetLimit("db", 2));
        var job = _cluster.Submit(Tagged(10));

        _cluster.Do(s => s.SetLimit("db", 4));
        Assert.Equal(4, Leased(job));
        _cluster.Do(s => s.SetLimit("db", 1));
        Assert.Equal(4, Leased(job));
        _cluster.Succeed(job, 1);
        _cluster.Succeed(job, 2);
        _cluster.Succeed(job, 3);
        Assert.Equal(1, Leased(job));
        _cluster.Do(s => s.SetLimit("db", null));
        Assert.Equal(7, Leased(job));
    }

    [Fact]
    public void A_limit_that_comes_later_counts_what_is_in_the_hands_of_nodes()
    {
        var job = _cluster.Submit(Tagged(5));

        _cluster.Do(s => s.SetLimit("db", 3));

        Assert.Equal(5, Assert.Single(_cluster.State.ViewLimits()).Used);
        var next = _cluster.Submit(Tagged(1));
        Assert.Equal(0, Leased(next));
        _cluster.Succeed(job, 1);
        _cluster.Succeed(job, 2);
        Assert.Equal(0, Leased(next));
        _cluster.Succeed(job, 3);
        Assert.Equal(1, Leased(next));
    }

    [Fact]
    public void There_is_an_end_to_how_many_limits_there_are()
    {
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, _cluster.Now);
        for (var i = 0; i < ClusterState.MostLimits; i++)
        {
            Assert.True(state.SetLimit($"tag{i}", 1));
        }

        Assert.False(state.SetLimit("one-more", 1));
        Assert.True(state.SetLimit("tag0", 2));
        Assert.True(state.SetLimit("one-more", null));
        Assert.True(state.SetLimit("tag0", null));
        Assert.True(state.SetLimit("one-more", 1));
    }

    [Fact]
    public void Lists_of_nodes_keep_to_limits_too()
    {
        _cluster.Do(s => s.SetLimit("db", 1));
        var job = _cluster.Submit(new JobBuilder()
            .List("1", 2, with: t => t with { Tags = ["db"] })
            .List("2", 2, with: t => t with { Tags = ["db"] }));
        Assert.Equal(1, Leased(job));

        _cluster.Succeed(job, 1);

        Assert.Equal(1, Leased(job));
    }

    [Fact]
    public void Limits_survive_a_restart_with_what_they_count()
    {
        _cluster.Do(s => s.SetLimit("db", 2));
        var job = _cluster.Submit(Tagged(5));

        _cluster.RestartServer();

        Assert.Equal(new LimitView("db", 2, 2), Assert.Single(_cluster.State.ViewLimits()));
        Assert.Equal(2, Leased(job));
    }

    private int Leased(JobId job) => _cluster.State.View(job)!.Counts.Leased;

    private static JobBuilder Tagged(int count) => JobBuilder.Array(count, t => t with { Tags = ["db"] });
}
