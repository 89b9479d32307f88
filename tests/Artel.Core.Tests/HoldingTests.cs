namespace Artel.Core.Tests;

/// <summary>What an ended attempt counts as having reserved, and for how long.</summary>
public sealed class HoldingTests
{
    private static readonly Needs Asked = new(2000, 1 << 20, 500, []);

    [Fact]
    public void An_attempt_holds_what_it_asked_for_while_its_process_ran()
    {
        var cluster = Running(out var job);
        cluster.Pass(60);

        var held = cluster.Succeed(job, 1, seconds: 42).Held;

        Assert.Equal(("user", Asked, TimeSpan.FromSeconds(42)), (held.User, held.Needs, held.Time));
        Assert.Equal(["blue", "night"], held.Tags);
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(1e9, 60)]
    public void No_node_can_report_less_than_nothing_or_more_than_since_the_grant(double reported, double counted)
    {
        var cluster = Running(out var job);
        cluster.Pass(60);

        Assert.Equal(TimeSpan.FromSeconds(counted), cluster.Succeed(job, 1, reported).Held.Time);
    }

    [Fact]
    public void A_lost_attempt_counts_until_it_is_given_up()
    {
        var cluster = Running(out var job);
        cluster.Pass(100);
        cluster.Disconnect("1");
        var disconnected = cluster.Now;
        while (!cluster.Made<AttemptEnded>().Any())
        {
            cluster.Pass(1);
        }

        var ended = Assert.Single(cluster.Made<AttemptEnded>());
        Assert.Equal(AttemptOutcome.Lost, ended.Result.Outcome);
        Assert.Equal(TimeSpan.FromSeconds(100) + (ended.At - disconnected), ended.Held.Time);
    }

    [Fact]
    public void A_lease_that_was_lost_before_its_start_held_nothing()
    {
        var cluster = new TestCluster();
        cluster.Connect("1");
        cluster.Submit(JobBuilder.Single());
        cluster.Pass(3);
        cluster.Disconnect("1");
        cluster.Pass(3600);

        var ended = Assert.Single(cluster.Made<AttemptEnded>());
        Assert.Equal((AttemptOutcome.Lost, TimeSpan.Zero), (ended.Result.Outcome, ended.Held.Time));
    }

    private static TestCluster Running(out JobId job)
    {
        var cluster = new TestCluster();
        cluster.Connect("1", cpus: 4, memory: 1 << 30, gpus: 1);
        job = cluster.Submit(JobBuilder.Single(t => t with { Needs = Asked, Tags = ["blue", "night"] }));
        cluster.Start(job, 1);
        return cluster;
    }
}
