using Artel.Cli.Top;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Artel.Cli.Tests;

/// <summary>What <c>artel top</c> shows and what its keys do.</summary>
public sealed class TopTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly TopState _state = new();

    [Theory]
    [InlineData(60, 16)]
    [InlineData(80, 24)]
    [InlineData(200, 60)]
    public void Everything_fits_the_terminal_however_much_there_is(int width, int height)
    {
        var lines = Draw(Picture(nodes: 50, jobs: 100, tasks: 300), width, height);

        Assert.True(lines.Length <= height, $"{lines.Length} lines");
        Assert.All(lines, l => Assert.True(l.Length <= width, l));
        Assert.Contains(lines, l => l.Contains("more", StringComparison.Ordinal));
        Assert.StartsWith("tab: list", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_is_old_says_so_and_names_can_not_move_the_cursor()
    {
        var picture = Picture(1, 1, 1);
        picture.Jobs[0].Name = "evil\e[2J";

        var lines = Draw(picture, 100, 30, trouble: "no answer: reconnecting");

        Assert.Contains(lines, l => l == "no answer: reconnecting");
        Assert.Contains(lines, l => l.Contains("evil␛[2J", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cancel_is_asked_for_and_only_a_yes_does_it()
    {
        Assert.Null(Press('c'));
        Assert.Equal("cancel job 3, all of it? (y/n)", _state.Prompt);
        Assert.Null(Press('n'));
        Assert.Null(_state.Prompt);

        Press('c');
        Assert.Equal(new TopWish.Cancel(3, null), Press('y'));

        Press(ConsoleKey.Tab);
        Press(ConsoleKey.DownArrow);
        Press('c');
        Assert.Equal("cancel task 3.2? (y/n)", _state.Prompt);
        Assert.Equal(new TopWish.Cancel(3, 2), Press('Y'));
    }

    [Fact]
    public void Rows_are_filtered_sorted_and_kept_within_bounds()
    {
        for (var i = 0; i < 99; i++)
            Press(ConsoleKey.DownArrow);

        Assert.Equal(2, _state.Row);
        Press('s');
        Press('s');
        Assert.Equal("oldest", _state.Order);
        Assert.Equal([1, 2, 3], Rows().Jobs.Select(j => j.Id));

        Press('/');
        foreach (var c in "job-2q")
            Press(c);

        Press(ConsoleKey.Backspace);
        Assert.StartsWith("filter: job-2", _state.Prompt, StringComparison.Ordinal);
        Press(ConsoleKey.Enter);
        Assert.Equal([2], Rows().Jobs.Select(j => j.Id));
        _state.Clamp(Rows().Jobs.Count);
        Assert.Equal(0, _state.Row);
        Press('/');
        Press(ConsoleKey.Escape);
        Assert.Equal(3, Rows().Jobs.Count);
        Assert.IsType<TopWish.Quit>(Press('q'));
    }

    [Fact]
    public void The_output_that_is_shown_is_that_of_the_marked_task_or_of_the_one_that_runs_longest()
    {
        Assert.Equal(new TopWish.ShowLogs(Rows().Tasks[0]), Press('l'));
        Press(ConsoleKey.DownArrow);

        // Nothing of that job runs.
        Assert.Null(Press('l'));
        Press(ConsoleKey.Tab);
        Press(ConsoleKey.DownArrow);
        Assert.Equal(2, Assert.IsType<TopWish.ShowLogs>(Press(ConsoleKey.Enter)).Task.Task);
    }

    private TopWish? Press(char c) => _state.Take(new ConsoleKeyInfo(c, (ConsoleKey)char.ToUpperInvariant(c), false, false, false), Rows());

    private TopWish? Press(ConsoleKey key) => _state.Take(new ConsoleKeyInfo('\0', key, false, false, false), Rows());

    private TopRows Rows() => TopRows.Of(Picture(nodes: 2, jobs: 3, tasks: 3), _state);

    /// <summary>All tasks are of the newest job.</summary>
    private ClusterPicture Picture(int nodes, int jobs, int tasks) => new(
        new ClusterStatus { NodesConnected = nodes, NodesKnown = nodes + 1, JobsActive = jobs, ActiveTasks = new TaskCounts { Running = tasks } },
        [.. Enumerable.Range(1, nodes).Select(i => new WireNode { Id = $"node-{i}", Kind = "native", Condition = NodeCondition.Connected, Running = i, Resources = new Resources { MilliCpus = 4000 }, LastHeartbeat = Timestamp.FromDateTimeOffset(_clock.GetUtcNow()) })],
        [.. Enumerable.Range(1, jobs).Select(i => new Job { Id = i, Name = $"job-{i}", User = "eva", State = JobState.Running, Counts = new TaskCounts { Total = 1000, Succeeded = i, Failed = 1, Running = i == jobs ? tasks : 0 } })],
        false,
        [.. Enumerable.Range(1, tasks).Select(i => new RunningTask(jobs, i, 1, "node-1", _clock.GetUtcNow().AddSeconds(i - 500)))]);

    private string[] Draw(ClusterPicture picture, int width, int height, string trouble = "")
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        console.Write(new TopScreen(_clock).Draw(picture, TopRows.Of(picture, _state), _state, "127.0.0.1:7070", trouble, width, height));
        return [.. text.ToString().TrimEnd('\n').Split('\n').Select(l => l.TrimEnd())];
    }
}
