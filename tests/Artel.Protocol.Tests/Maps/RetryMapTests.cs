using Artel.Protocol.V1;

namespace Artel.Protocol.Tests.Maps;

/// <summary>What a map says of retries, and what comes over the wire of it.</summary>
public sealed class RetryMapTests
{
    [Fact]
    public void Ways_to_fail_are_statuses_ranges_and_words()
    {
        var retry = Map.Task("retries: 3, retry_on: [7, '100-120, 130', signal, not-started], no_retry_on: [timeout, out-of-memory]").Retry;

        Assert.Equal([(7, 7), (100, 120), (130, 130)], retry.RetryOn.ExitStatuses.Select(r => (r.First, r.Last)));
        Assert.Equal([AttemptOutcome.Signalled, AttemptOutcome.NotStarted], retry.RetryOn.Outcomes);
        Assert.Empty(retry.NoRetryOn.ExitStatuses);
        Assert.Equal([AttemptOutcome.TimedOut, AttemptOutcome.OutOfMemory], retry.NoRetryOn.Outcomes);
        Assert.Equal(3, retry.Retries);
    }

    [Fact]
    public void The_table_and_the_task_say_the_same() => Assert.Equal(
        Map.Task("retries: 2, retry_on: 7, no_retry_on: 9, avoid_same_node: true"),
        Map.Task("retry: { retries: 2, retry_on: [7], no_retry_on: [9], avoid_same_node: true }"));

    [Fact]
    public void Jitter_of_zero_is_not_the_same_as_none()
    {
        Assert.False(Map.Task("retry: { backoff: 1s }").Retry.HasJitter);
        Assert.True(Map.Task("retry: { jitter: 0 }").Retry.HasJitter);
        Assert.Equal(0.25, Map.Task("retry: { jitter: 0.25 }").Retry.Jitter);
    }

    [Fact]
    public void A_task_replaces_what_the_defaults_name()
    {
        var job = Map.Job("""
            defaults: { retries: 2, retry_on: [1, 2], retry: { jitter: 1 } }
            tasks:
              - { run: [a], retry_on: 7 }
              - { run: [b], retry: { no_retry_on: signal } }
            """);

        Assert.Equal([(7, 7)], job.Tasks[0].Retry.RetryOn.ExitStatuses.Select(r => (r.First, r.Last)));
        Assert.Equal((2, 1.0), (job.Tasks[0].Retry.Retries, job.Tasks[0].Retry.Jitter));
        Assert.Equal([(1, 1), (2, 2)], job.Tasks[1].Retry.RetryOn.ExitStatuses.Select(r => (r.First, r.Last)));
        Assert.Equal([AttemptOutcome.Signalled], job.Tasks[1].Retry.NoRetryOn.Outcomes);
    }

    [Fact]
    public void To_avoid_nodes_by_default_is_for_tasks_that_can()
    {
        var job = Map.Job("defaults: { avoid_same_node: true, retries: 1 }\nnodes: { 1: [[a]] }\ntasks: [[b]]");

        Assert.False(job.Sections[0].Tasks[0].Retry.AvoidSameNode);
        Assert.Equal(1, job.Sections[0].Tasks[0].Retry.Retries);
        Assert.True(job.Tasks[0].Retry.AvoidSameNode);
    }

    [Fact]
    public void Statuses_that_are_excluded_from_a_range_that_is_not_named_are_no_contradiction() =>
        Map.Task("retry_on: signal, no_retry_on: [137, timeout]");
}
