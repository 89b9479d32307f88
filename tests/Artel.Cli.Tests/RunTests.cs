using System.Runtime.InteropServices;
using Artel.Cli.Output;
using Artel.Cli.Progress;
using Artel.Cli.Running;
using Artel.Protocol.V1;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Artel.Cli.Tests;

public sealed class RunTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(TaskState.Succeeded, AttemptOutcome.Succeeded, 0, 0, 0)]
    [InlineData(TaskState.Failed, AttemptOutcome.Failed, 3, 0, 3)]
    [InlineData(TaskState.Failed, AttemptOutcome.Signalled, 0, 9, 137)]
    [InlineData(TaskState.Failed, AttemptOutcome.TimedOut, 0, 15, 124)]
    [InlineData(TaskState.Failed, AttemptOutcome.NotStarted, 0, 0, 127)]
    [InlineData(TaskState.Failed, AttemptOutcome.OutOfMemory, 0, 9, 137)]
    [InlineData(TaskState.Failed, AttemptOutcome.Lost, 0, 0, 1)]
    [InlineData(TaskState.Cancelled, AttemptOutcome.Cancelled, 0, 15, 1)]
    public void The_run_of_one_command_ends_with_the_status_of_its_task(TaskState state, AttemptOutcome outcome, int exit, int signal, int expected)
    {
        var task = new WireTask { State = state, Attempts = { new Attempt { Outcome = outcome, ExitStatus = exit, Signal = signal } } };

        Assert.Equal(expected, ShellStatus.Of(task));
    }

    [Fact]
    public void On_a_private_cluster_ctrl_c_cancels_and_a_second_one_leaves()
    {
        using var interruptions = Submitted(isPrivate: true, out _);

        interruptions.Take(PosixSignal.SIGINT);
        Assert.True(interruptions.Cancel.IsCompleted);
        Assert.False(interruptions.Leave.IsCancellationRequested);

        interruptions.Take(PosixSignal.SIGINT);
        Assert.True(interruptions.Leave.IsCancellationRequested);
    }

    [Fact]
    public void On_a_shared_cluster_ctrl_c_tells_first_and_cancels_when_it_comes_again_within_a_second()
    {
        using var interruptions = Submitted(isPrivate: false, out var told);

        interruptions.Take(PosixSignal.SIGINT);
        _clock.Advance(TimeSpan.FromSeconds(2));
        interruptions.Take(PosixSignal.SIGINT);
        Assert.Equal(2, told.Count);
        Assert.False(interruptions.Cancel.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(0.5));
        interruptions.Take(PosixSignal.SIGINT);
        Assert.True(interruptions.Cancel.IsCompleted);
        Assert.False(interruptions.Leave.IsCancellationRequested);
    }

    [Fact]
    public void A_closed_terminal_leaves_the_job_to_a_shared_cluster()
    {
        using var interruptions = Submitted(isPrivate: false, out _);

        interruptions.Take(PosixSignal.SIGHUP);

        Assert.False(interruptions.Cancel.IsCompleted);
        Assert.True(interruptions.Leave.IsCancellationRequested);
    }

    [Fact]
    public void Before_there_is_a_job_a_signal_leaves_at_once()
    {
        using var interruptions = new Interruptions(isPrivate: true, _clock);

        interruptions.Take(PosixSignal.SIGTERM);

        Assert.True(interruptions.Leave.IsCancellationRequested);
    }

    [Fact]
    public void The_rate_is_that_of_the_last_seconds_and_falls_when_nothing_ends()
    {
        var meter = new RateMeter(_clock);
        for (var second = 0; second <= 20; second++)
        {
            meter.Add(second < 10 ? 0 : (second - 10) * 100);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(meter.PerSecond, 80, 110);
        var before = meter.PerSecond;
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(meter.PerSecond < before / 2);
    }

    [Fact]
    public void A_rate_of_nothing_says_no_time_that_is_left()
    {
        var meter = new RateMeter(_clock);
        meter.Add(0);
        _clock.Advance(TimeSpan.FromSeconds(1));
        meter.Add(0);

        Assert.Null(meter.TimeFor(10));
    }

    [Fact]
    public void The_picture_has_a_bar_for_each_node_and_one_over_all()
    {
        var picture = new ProgressPicture(_clock);
        picture.Update(SomeJob(nodes: 2));

        var lines = Draw(picture, width: 100, height: 30);

        Assert.Equal(3, lines.Length);
        Assert.Contains("node n1", lines[0], StringComparison.Ordinal);
        Assert.Contains("3/10", lines[0], StringComparison.Ordinal);
        Assert.Contains("30%", lines[0], StringComparison.Ordinal);
        Assert.Contains("2 failed", lines[0], StringComparison.Ordinal);
        Assert.Contains("job 7", lines[2], StringComparison.Ordinal);
        Assert.Contains("6/20", lines[2], StringComparison.Ordinal);
        Assert.Contains("1 failed", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelled_tasks_are_not_told_as_failed()
    {
        var counts = new TaskCounts { Total = 10, Succeeded = 1, Cancelled = 3, Running = 6 };
        var job = new Job { Id = 7, State = JobState.Running, Counts = counts };
        var picture = new ProgressPicture(_clock);
        picture.Update(job);

        Assert.Contains("3 cancelled", Draw(picture, width: 120, height: 30)[0], StringComparison.Ordinal);
        Assert.DoesNotContain("failed", Draw(picture, width: 120, height: 30)[0], StringComparison.Ordinal);
        Assert.Contains("3 cancelled", ProgressText.Line(job, new RateMeter(_clock)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bar_is_read_without_colours()
    {
        var picture = new ProgressPicture(_clock);
        picture.Update(new Job { Id = 7, Counts = new TaskCounts { Total = 10, Succeeded = 4, Failed = 1 } });

        Assert.Matches("━+╳+─+", Draw(picture, width: 120, height: 30)[0]);
    }

    [Fact]
    public void What_is_left_is_estimated_from_what_runs_and_not_from_a_pause()
    {
        var meter = new RateMeter(_clock);
        for (var second = 0; second <= 5; second++)
        {
            meter.Add(second * 10);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        meter.Add(60, isBusy: false);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(meter.TimeFor(100));

        meter.Add(60);
        _clock.Advance(TimeSpan.FromSeconds(1));
        meter.Add(70);
        Assert.InRange(meter.TimeFor(100)!.Value.TotalSeconds, 8, 12);
    }

    [Fact]
    public void A_retry_that_takes_ends_back_starts_the_rate_again()
    {
        var meter = new RateMeter(_clock);
        meter.Add(1000);
        _clock.Advance(TimeSpan.FromSeconds(1));
        meter.Add(0);
        _clock.Advance(TimeSpan.FromSeconds(1));
        meter.Add(10);

        Assert.InRange(meter.PerSecond, 9, 11);
    }

    [Fact]
    public void Long_tasks_have_a_rate_too()
    {
        var meter = new RateMeter(_clock);
        for (var minute = 0; minute <= 10; minute++)
        {
            meter.Add(minute / 2);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(meter.TimeFor(5)!.Value.TotalMinutes, 8, 14);
    }

    [Theory]
    [InlineData(40, 10)]
    [InlineData(80, 24)]
    [InlineData(200, 50)]
    public void The_picture_fits_the_terminal_however_many_nodes_there_are(int width, int height)
    {
        var picture = new ProgressPicture(_clock);
        picture.Update(SomeJob(nodes: 1000));

        var lines = Draw(picture, width, height);

        Assert.True(lines.Length < height);
        Assert.All(lines, l => Assert.True(l.Length <= width, l));
        Assert.Contains(lines, l => l.Contains("more nodes", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(40, 10)]
    [InlineData(80, 24)]
    [InlineData(200, 50)]
    public void The_picture_of_many_jobs_fits_the_terminal_and_counts_those_that_ended(int width, int height)
    {
        var picture = new JobsPicture(_clock, [.. Enumerable.Range(1, 500).Select(id => (long)id)]);
        for (var id = 1; id <= 500; id++)
            picture.Update(new Job { Id = id, Name = $"a name that is long {id}", State = id <= 3 ? JobState.Succeeded : JobState.Running, Counts = new TaskCounts { Total = 1000, Failed = 7 } });

        var lines = Draw(picture, width, height);

        Assert.True(lines.Length < height);
        Assert.All(lines, l => Assert.True(l.Length <= width, l));
        Assert.StartsWith("3 of 500 jobs ended", lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "100%", 0)]
    [InlineData(999_999, "99%", 1_000_000)]
    [InlineData(1_000_000, "100%", 1_000_000)]
    public void All_is_said_only_of_all(long part, string expected, long whole) => Assert.Equal(expected, ProgressText.Percent(part, whole));

    [Fact]
    public void A_failed_task_is_told_with_what_went_wrong()
    {
        var task = new WireTask { Job = 1, Number = 3, State = TaskState.Failed, AttemptCount = 2, Run = { "./x", "a b" } };
        task.Attempts.Add(new Attempt { Node = "n1", Outcome = AttemptOutcome.Signalled, Signal = 9 });

        Assert.Equal("task 3 failed (signal 9 (SIGKILL), attempt 2) on n1: ./x 'a b'", ProgressText.Ended(task));
    }

    [Fact]
    public void Each_private_node_has_its_share_of_the_cpus_but_never_less_than_one_task_needs()
    {
        var job = new JobSpec();
        job.Sections.Add(new NodeSection { Node = "a", Tasks = { new TaskTemplate { Needs = new Needs { MilliCpus = 2_500_000 } } } });
        job.Sections.Add(new NodeSection { Node = "b", Tasks = { new TaskTemplate() } });

        Assert.Equal("2500", PrivateCluster.Cpus(job, "a", 1000));
        Assert.Equal("1", PrivateCluster.Cpus(job, "b", 1000));
    }

    private static Job SomeJob(int nodes)
    {
        var job = new Job { Id = 7, State = JobState.Running, Counts = new TaskCounts { Total = nodes * 10, Succeeded = (nodes * 3) - 1, Failed = 1 } };
        for (var n = 1; n <= nodes; n++)
            job.Nodes.Add(new NodeProgress { Node = $"n{n}", Assigned = 10, AssignedEnded = 3, Running = 1, FailedAttempts = n == 1 ? 2 : 0 });

        return job;
    }

    private static string[] Draw(IPicture picture, int width, int height)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        console.Write(picture.Draw(width, height));
        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd())];
    }

    private Interruptions Submitted(bool isPrivate, out List<string> told)
    {
        var interruptions = new Interruptions(isPrivate, _clock);
        var list = told = [];
        interruptions.JobSubmitted(() => list.Add("told"));
        return interruptions;
    }
}
