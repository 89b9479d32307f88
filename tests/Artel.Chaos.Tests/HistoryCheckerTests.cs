using Artel.Chaos.History;

namespace Artel.Chaos.Tests;

/// <summary>Each way in which a history can be bad is seen, and called by its name.</summary>
public class HistoryCheckerTests
{
    private readonly Past _past = new();

    [Fact]
    public void A_good_history_has_no_violation() => Assert.Empty(HistoryChecker.Check(_past.Records));

    [Fact]
    public void A_submission_without_an_answer_may_be_there_or_not()
    {
        _past.Answers.Clear();
        Assert.Empty(HistoryChecker.Check(_past.Records));

        _past.IsThere = false;
        _past.Glimpses.Clear();
        Assert.Empty(HistoryChecker.Check(_past.Records));
    }

    [Fact]
    public void An_answered_job_that_is_not_there_is_lost()
    {
        _past.IsThere = false;
        _past.Glimpses.Clear();
        Sees(Must.NothingLost);
    }

    [Fact]
    public void A_task_that_is_not_there_is_lost()
    {
        _past.Tasks.RemoveAt(2);
        Sees(Must.NothingLost);
    }

    [Fact]
    public void A_task_that_has_not_ended_is_lost()
    {
        _past.See(3, t => t with { State = Outcome.None, Results = [] });
        Sees(Must.NothingLost);
    }

    [Fact]
    public void An_ended_task_without_a_result_is_lost()
    {
        _past.See(1, t => t with { Results = [] });
        Sees(Must.NothingLost);
    }

    [Fact]
    public void A_request_with_two_answers_is_doubled()
    {
        _past.Answers.Add(Past.Job + 1);
        Assert.Contains(HistoryChecker.Check(_past.Records), v => v.Must == Must.NothingDoubled);
    }

    [Fact]
    public void Two_jobs_of_one_request_are_doubled()
    {
        _past.MoreJobs.Add(new JobSeen(Past.Job + 1, Past.Name, []));
        Assert.Contains(HistoryChecker.Check(_past.Records), v => v.Must == Must.NothingDoubled);
    }

    [Fact]
    public void A_job_that_nobody_submitted_is_doubled()
    {
        _past.MoreJobs.Add(new JobSeen(Past.Job + 1, "another", []));
        Sees(Must.NothingDoubled);
    }

    [Fact]
    public void Two_results_of_one_task_are_doubled()
    {
        _past.See(1, t => t with { Results = [.. t.Results, t.Results[0]] });
        Sees(Must.NothingDoubled);
    }

    [Fact]
    public void Two_attempts_that_succeeded_are_doubled()
    {
        _past.See(1, t => t with { Attempts = [t.Attempts[1] with { Number = 1, Node = "1", Lease = "1/1", Output = TaskOutput.Expected("run-1", 10) }, t.Attempts[1]] });
        _past.Run("run-1", r => r with { End = 2 });
        Sees(Must.NothingDoubled);
    }

    [Fact]
    public void One_lease_for_two_attempts_is_doubled()
    {
        _past.See(3, t => t with { Attempts = [t.Attempts[0] with { Lease = "1/1" }] });
        Sees(Must.NothingDoubled);
    }

    [Fact]
    public void A_process_of_an_exclusive_task_that_finds_another_alive_is_an_overlap()
    {
        _past.Run("run-2", r => r with { Overlapped = true });
        Sees(Must.ExclusiveAlone);
    }

    [Fact]
    public void A_process_of_an_exclusive_task_that_begins_before_another_ends_is_an_overlap()
    {
        _past.Run("run-1", r => r with { End = 5.5 });
        Sees(Must.ExclusiveAlone);
    }

    [Fact]
    public void Other_tasks_may_run_twice_at_once()
    {
        _past.Run("run-4", r => r with { Overlapped = true });
        Assert.Empty(HistoryChecker.Check(_past.Records));
        Assert.Equal(1, Figures.Of(_past.Records).SideBySide);
    }

    [Theory]
    [InlineData("killed")]
    [InlineData("on another node")]
    [InlineData("another attempt")]
    [InlineData("another status")]
    public void A_result_that_no_process_reached_is_seen(string what)
    {
        _past.Run("run-4", r => what switch
        {
            "killed" => r with { End = null },
            "on another node" => r with { Node = "1" },
            "another attempt" => r with { Attempt = 3 },
            _ => r with { Status = 1 },
        });
        Sees(Must.ResultsRan);
    }

    [Fact]
    public void The_output_of_another_process_is_seen()
    {
        var other = TaskOutput.Expected("run-1", 10);
        _past.See(1, t => t with { Attempts = [t.Attempts[0], t.Attempts[1] with { Output = other }], Results = [t.Results[0] with { Output = other }] });
        Sees(Must.OutputsWhole);
    }

    [Fact]
    public void One_wrong_byte_is_seen()
    {
        var bytes = TaskOutput.Stdout("run-2", 10);
        bytes[^1] ^= 1;
        var wrong = TaskOutput.Digest(bytes, TaskOutput.Stdout("run-2", 0));
        _past.See(1, t => t with { Attempts = [t.Attempts[0], t.Attempts[1] with { Output = wrong }], Results = [t.Results[0] with { Output = wrong }] });
        Sees(Must.OutputsWhole);
    }

    [Fact]
    public void A_result_that_differs_from_its_attempt_is_seen()
    {
        _past.See(2, t => t with { Results = [t.Results[0] with { Output = TaskOutput.Expected("run-3", 0) }] });
        Sees(Must.OutputsWhole);
    }

    [Fact]
    public void A_task_that_fails_though_it_was_made_to_succeed_is_seen()
    {
        _past.See(3, t => t with { State = Outcome.Succeeded });
        Sees(Must.OutcomesRight);
    }

    [Fact]
    public void A_task_that_runs_though_what_it_comes_after_has_failed_is_seen()
    {
        _past.Plans[1] = _past.Plans[1] with { After = [3] };
        Assert.Contains(HistoryChecker.Check(_past.Records), v => v.Must == Must.OutcomesRight);
        Assert.Contains(HistoryChecker.Check(_past.Records), v => v.Must == Must.OrderKept);
    }

    [Fact]
    public void A_task_that_begins_before_what_it_comes_after_has_ended_is_seen()
    {
        _past.Run("run-3", r => r with { Start = 5.5 });
        Sees(Must.OrderKept);
    }

    [Fact]
    public void A_task_of_a_list_on_another_node_is_seen()
    {
        _past.Runs.Add(new ProcessRun(Past.Third, 2, "1", "run-6", 0, Start: 4, Overlapped: false));
        Sees(Must.OrderKept);
    }

    [Fact]
    public void A_result_that_is_told_and_taken_back_is_seen()
    {
        _past.Glimpses.Add(new Glimpse(Past.First, 1, Outcome.Succeeded));
        Sees(Must.NothingTakenBack);
    }

    [Fact]
    public void A_process_left_over_is_seen()
    {
        _past.LeftOvers.Add("4711: sleep 3");
        Sees(Must.NoOrphans);
    }

    [Fact]
    public void A_program_that_ends_by_itself_is_seen()
    {
        _past.Crashes.Add("the server: Unhandled exception");
        Sees(Must.NothingCrashed);
    }

    private void Sees(Must must)
    {
        var violation = Assert.Single(HistoryChecker.Check(_past.Records));
        Assert.True(violation.Must == must, $"{violation.Must}: {violation.What}");
    }
}
