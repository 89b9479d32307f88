namespace Artel.Core.Tests;

public sealed class RetryOnTests
{
    private static readonly FailureSet SevenOrSignal = new([new StatusRange(7, 7), new StatusRange(100, 120)], [AttemptOutcome.Signalled]);

    private readonly TestCluster _cluster = new();

    [Theory]
    [InlineData(7, true, "")]
    [InlineData(120, true, "")]
    [InlineData(121, false, "exit status 121 is not in retry_on")]
    [InlineData(1, false, "exit status 1 is not in retry_on")]
    public void Only_what_is_named_is_tried_again(int status, bool isRetried, string reason) =>
        Holds(new RetryPolicy(3, default, 1, default) { RetryOn = SevenOrSignal }, Results.Failed(status), isRetried, reason);

    [Theory]
    [InlineData(7, false, "exit status 7 is in no_retry_on")]
    [InlineData(1, true, "")]
    public void What_is_excluded_is_not_tried_again(int status, bool isRetried, string reason) =>
        Holds(new RetryPolicy(3, default, 1, default) { NoRetryOn = SevenOrSignal }, Results.Failed(status), isRetried, reason);

    [Theory]
    [InlineData(AttemptOutcome.Signalled, "ended by signal 9: signal 9 is in no_retry_on")]
    [InlineData(AttemptOutcome.TimedOut, "")]
    [InlineData(AttemptOutcome.NotStarted, "")]
    [InlineData(AttemptOutcome.OutOfMemory, "")]
    public void Ways_to_fail_without_a_status_are_named_by_a_word(AttemptOutcome outcome, string reason) => Holds(
        new RetryPolicy(3, default, 1, default) { NoRetryOn = SevenOrSignal },
        Results.Of(outcome) with { Signal = outcome == AttemptOutcome.Signalled ? 9 : 0 },
        reason.Length == 0,
        reason);

    [Fact]
    public void What_went_wrong_is_told_with_why_it_is_not_tried_again() => Holds(
        new RetryPolicy(3, default, 1, default) { RetryOn = SevenOrSignal },
        Results.Of(AttemptOutcome.NotStarted) with { Message = "no such file" },
        false,
        "could not be started: no such file: not-started is not in retry_on");

    [Fact]
    public void More_memory_than_it_may_take_is_no_mere_signal() => Holds(
        new RetryPolicy(3, default, 1, default) { RetryOn = SevenOrSignal },
        Results.Of(AttemptOutcome.OutOfMemory) with { Signal = 9, Message = "it took 3 GiB of 2 GiB" },
        false,
        "out of memory: it took 3 GiB of 2 GiB: out-of-memory is not in retry_on");

    [Fact]
    public void A_signal_is_also_the_status_that_a_shell_makes_of_it()
    {
        var policy = new RetryPolicy(3, default, 1, default) { RetryOn = new FailureSet([new StatusRange(137, 137)], []) };

        Holds(policy, Results.Of(AttemptOutcome.Signalled) with { Signal = 9 }, true, "");
        Holds(policy, Results.Of(AttemptOutcome.Signalled) with { Signal = 11 }, false, "ended by signal 11: signal 11 is not in retry_on");
        Holds(policy, Results.Of(AttemptOutcome.OutOfMemory), true, "");
    }

    [Fact]
    public void What_is_excluded_stays_so_where_both_name_it()
    {
        var killed = new FailureSet([new StatusRange(137, 137)], []);
        Holds(
            new RetryPolicy(3, default, 1, default) { RetryOn = SevenOrSignal, NoRetryOn = killed },
            Results.Of(AttemptOutcome.Signalled) with { Signal = 9 },
            false,
            "ended by signal 9: signal 9 is in no_retry_on");
    }

    [Fact]
    public void A_loss_is_no_failure_and_asks_for_no_leave()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = RetryPolicy.Never with { Retries = 1, RetryOn = SevenOrSignal } }));
        _cluster.Start(job, 1);
        _cluster.Disconnect("1");

        _cluster.Pass(ClusterRules.Default.LostAfter);

        Assert.Equal(TaskState.Ready, _cluster.StateOf(job, 1));
    }

    [Fact]
    public void A_retry_by_hand_starts_what_was_not_to_be_tried_again()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Array(2, t => t with { Retry = RetryPolicy.Never with { Retries = 1, NoRetryOn = SevenOrSignal } }));
        Assert.Equal(TaskState.Failed, _cluster.Fail(job, 1, status: 7).Next);

        Assert.Equal(1, _cluster.Do(s => s.Retry(job, [], _cluster.Now)));

        Assert.Equal(2, _cluster.InFlight(job, 1).Attempt);
    }

    private void Holds(RetryPolicy policy, AttemptResult result, bool isRetried, string reason)
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single(t => t with { Retry = policy }));

        var ended = _cluster.End(job, 1, result);

        Assert.Equal((isRetried ? TaskState.Ready : TaskState.Failed, reason), (ended.Next, ended.Reason));
        Assert.Equal(isRetried, ended.NotBefore is not null);
    }
}
