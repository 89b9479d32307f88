namespace Artel.Core.Tests;

public sealed class JitterTests
{
    private static readonly RetryPolicy Jittered = new(10, TimeSpan.FromSeconds(10), 2, TimeSpan.FromSeconds(60)) { Jitter = 0.5 };

    [Fact]
    public void The_generator_gives_the_published_numbers()
    {
        // First of the sequences from seeds 0 and 1234567, as the reference implementation prints them.
        Assert.Equal(0xE220A8397B1DCDAF, SplitMix64.Next(0));
        Assert.Equal(6457827717110365317UL, SplitMix64.Next(1234567));
    }

    [Fact]
    public void Waits_are_spread_over_their_random_part_and_never_longer_than_without()
    {
        var waits = Enumerable.Range(1, 1000).Select(task => Wait(1, task, attempt: 1).TotalSeconds).ToArray();

        Assert.All(waits, wait => Assert.InRange(wait, 5, 10));
        Assert.All(Enumerable.Range(0, 5), part => Assert.InRange(waits.Count(w => w >= 5 + part && w < 6 + part), 150, 250));
        Assert.InRange(Jittered.WaitAfter(9, new TaskId(new JobId(1), 1), 9).TotalSeconds, 30, 60);
    }

    [Fact]
    public void A_wait_is_the_same_each_time_and_another_for_each_job_task_and_attempt()
    {
        Assert.Equal(Wait(1, 1, 1), Wait(1, 1, 1));
        Assert.Equal(4, new[] { Wait(1, 1, 1), Wait(2, 1, 1), Wait(1, 2, 1), Wait(1, 1, 2) }.Distinct().Count());
    }

    [Fact]
    public void Tasks_that_fail_together_come_back_one_by_one()
    {
        var cluster = new TestCluster();
        cluster.Connect("1", cpus: 8);
        var job = cluster.Submit(JobBuilder.Array(8, t => t with { Retry = Jittered }));
        for (var task = 1; task <= 8; task++)
        {
            cluster.Fail(job, task);
        }

        Assert.Equal(8, cluster.Made<AttemptEnded>().Select(e => e.NotBefore).Distinct().Count());
        cluster.Pass(seconds: 4.99);
        Assert.Empty(cluster.Granted);
        cluster.Pass(seconds: 5.01);
        Assert.All(cluster.StatesOf(job), state => Assert.Equal(TaskState.Leased, state));
    }

    private static TimeSpan Wait(long job, int task, int attempt) => Jittered.WaitAfter(1, new TaskId(new JobId(job), task), attempt);
}
