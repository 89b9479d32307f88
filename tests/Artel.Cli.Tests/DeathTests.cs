using System.Text;
using Artel.Cli.Results;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Tests;

/// <summary>What is said of an attempt that ended badly.</summary>
public sealed class DeathTests
{
    [Theory]
    [InlineData(AttemptOutcome.Failed, 2, 0, "", "exit status 2")]
    [InlineData(AttemptOutcome.Failed, 126, 0, "", "exit status 126: by convention: a command was found, but could not be executed")]
    [InlineData(AttemptOutcome.Failed, 127, 0, "", "exit status 127: by convention: a command was not found")]
    [InlineData(AttemptOutcome.Failed, 139, 0, "", "exit status 139: as a shell says it of a program that signal 11 (SIGSEGV) ended")]
    [InlineData(AttemptOutcome.Signalled, 0, 11, "", "signal 11 (SIGSEGV): it touched memory that is not its own")]
    [InlineData(AttemptOutcome.Signalled, 0, 9, "out of memory: it took 600 MiB", "signal 9 (SIGKILL): out of memory: it took 600 MiB")]
    [InlineData(AttemptOutcome.Signalled, 0, 64, "", "signal 64")]
    [InlineData(AttemptOutcome.TimedOut, 0, 0, "", "timed out: its limit is 1m30s")]
    [InlineData(AttemptOutcome.Lost, 0, 0, "", "lost: with node n7")]
    [InlineData(AttemptOutcome.Lost, 0, 0, "node n7 was silent for 30 s", "lost: node n7 was silent for 30 s")]
    public void How_it_ended_is_said_with_what_it_means(AttemptOutcome outcome, int status, int signal, string message, string expected)
    {
        var attempt = new Attempt { Node = "n7", Outcome = outcome, ExitStatus = status, Signal = signal, Message = message };
        var task = new WireTask { Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(90)) };

        Assert.Equal(expected, Outcomes.Explain(attempt, task));
    }

    [Fact]
    public void Its_limits_are_said_with_what_it_took()
    {
        var task = new WireTask { Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)), Needs = new Needs { MemoryBytes = 512 << 20, MilliCpus = 1500 } };
        var attempt = new Attempt { Usage = new Usage { PeakMemoryBytes = 498 << 20 } };

        Assert.Equal("timeout 10.0 s, memory 512 MiB (it took 498 MiB)", DeathText.Limits(task, attempt));
        Assert.Equal("", DeathText.Limits(new WireTask(), attempt));
    }

    [Fact]
    public void The_last_ten_lines_are_shown_and_can_not_move_the_cursor()
    {
        var text = string.Concat(Enumerable.Range(1, 12).Select(i => $"line {i}\n")) + "10%\r20%\rdone\u001b[2J\ttab\r\n\n";

        var lines = ErrorTail.Lines(Encoding.UTF8.GetBytes(text), isCut: false);

        Assert.Equal(ErrorTail.MostLines, lines.Count);
        Assert.Equal("line 4", lines[0]);
        Assert.Equal("done␛[2J    tab", lines[^1]);
    }

    [Fact]
    public void What_was_cut_off_does_not_look_like_a_line()
    {
        Assert.Equal(["whole"], ErrorTail.Lines("lf a line\nwhole\n"u8, isCut: true));
        Assert.Equal(["…lf a line"], ErrorTail.Lines("lf a line"u8, isCut: true));
        Assert.Empty(ErrorTail.Lines("\n\n"u8, isCut: false));
    }

    [Fact]
    public void Failures_are_told_by_group_with_an_example_and_how_many_are_not_told()
    {
        var example = new WireTask { Job = 12, Number = 3, State = TaskState.Failed, AttemptCount = 2, Reason = "exit status 2 is in no_retry_on" };
        example.Attempts.Add(new Attempt { Number = 2, Node = "a", Outcome = AttemptOutcome.Failed, ExitStatus = 2 });
        var groups = new FailureGroups { GroupCount = 3, TaskCount = 41, Groups = { new FailureGroup { Count = 37, Example = example, Tasks = { 3, 5, 9 } } } };

        var lines = new FailureReport(groups, [["no such file"]]).Describe().ToList();

        Assert.Equal(
            [
                "37 tasks failed: exit status 2",
                "  such as 12.3 on node a, attempt 2; also 12.5,9 …",
                "  because: exit status 2 is in no_retry_on",
                "  | no such file",
                "and 4 tasks that failed in 2 other ways",
            ],
            lines);
    }
}
