namespace Artel.Core.Tests;

/// <summary>Rows of the table of what was asked for, as far as the rules have to hold them.</summary>
public sealed class DesignTableTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void Node_states_are_1_waiting_2_running_3_failed_4_succeeded() => Assert.Equal(
        [(1, "Waiting"), (2, "Running"), (3, "Failed"), (4, "Succeeded")],
        Enum.GetValues<NodeState>().Select(s => ((int)s, s.ToString())));

    [Fact]
    public void Task_states_are_as_on_the_wire() => Assert.Equal(
        [(1, "Waiting"), (2, "Ready"), (3, "Leased"), (4, "Running"), (5, "Succeeded"), (6, "Failed"), (7, "Cancelled"), (8, "Skipped")],
        Enum.GetValues<TaskState>().Select(s => ((int)s, s.ToString())));

    [Fact]
    public void Task_states_that_end_a_task_are_succeeded_failed_cancelled_skipped() => Assert.Equal(
        [TaskState.Succeeded, TaskState.Failed, TaskState.Cancelled, TaskState.Skipped],
        Enum.GetValues<TaskState>().Where(s => s.HasEnded()));

    [Fact]
    public void Job_states_are_as_on_the_wire() => Assert.Equal(
        [(1, "Waiting"), (2, "Running"), (3, "Succeeded"), (4, "Failed"), (5, "Cancelled")],
        Enum.GetValues<JobState>().Select(s => ((int)s, s.ToString())));

    [Fact]
    public void Node_conditions_are_as_on_the_wire() => Assert.Equal(
        [(1, "Connected"), (2, "Disconnected"), (3, "Lost"), (4, "Stopped")],
        Enum.GetValues<NodeCondition>().Select(s => ((int)s, s.ToString())));

    [Fact]
    public void Outcomes_of_attempts_are_as_on_the_wire() => Assert.Equal(
        [(1, "Succeeded"), (2, "Failed"), (3, "Signalled"), (4, "TimedOut"), (5, "NotStarted"), (6, "Cancelled"), (7, "Lost"), (8, "Moved"), (9, "OutOfMemory")],
        Enum.GetValues<AttemptOutcome>().Select(s => ((int)s, s.ToString())));

    [Fact]
    public void Its_number_decides_which_tasks_a_node_gets()
    {
        _cluster.Connect("2");
        _cluster.Connect("1");

        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1).List("2", tasks: 1).List("3", tasks: 1));

        Assert.Equal(("1", "2", null), (_cluster.NodeOf(job, 1), _cluster.NodeOf(job, 2), _cluster.NodeOf(job, 3)));
    }

    [Fact]
    public void A_node_that_stops_answering_is_lost_after_three_missed_heartbeats_and_its_tasks_are_given_to_others()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(JobBuilder.Single());
        _cluster.Start(job, 1);
        _cluster.Connect("2");
        _cluster.Disconnect("1");

        _cluster.Pass(3 * TimeSpan.FromSeconds(10));

        Assert.Equal("2", _cluster.NodeOf(job, 1));
    }

    [Fact]
    public void State_3_the_process_is_restarted_and_every_attempt_is_kept()
    {
        _cluster.Connect("1");
        var job = _cluster.Submit(new JobBuilder().List("1", tasks: 1, with: t => t with { Retry = new RetryPolicy(2, default, 1, default) }));

        _cluster.Fail(job, 1);
        _cluster.Pass(seconds: 0);
        _cluster.Fail(job, 1);
        _cluster.Pass(seconds: 0);
        _cluster.Succeed(job, 1);

        Assert.Equal([1, 2, 3], _cluster.Made<AttemptEnded>().Select(e => e.Attempt));
        Assert.Equal(JobState.Succeeded, _cluster.EndOf(job).State);
    }
}
