using System.Text;
using System.Text.Json;
using Artel.Cli.Results;
using Artel.Protocol.V1;

namespace Artel.Cli.Tests;

public sealed class ResultsFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("artel-cli-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Output_and_errors_of_task_n_of_a_node_lie_in_its_folder()
    {
        using (var results = ResultsFolder.Open(Path.Combine(_folder, "r")))
            Take(results, Ended(task: 7, node: "render-07", outputNumber: 2), "out\0\xff", "err");

        Assert.Equal("out\0\xff", Latin("r", "render-07", "out2.txt"));
        Assert.Equal("err", Latin("r", "render-07", "ouMis2.txt"));
        Assert.Equal(["out2.txt", "ouMis2.txt"], Directory.GetFiles(Path.Combine(_folder, "r", "render-07")).Select(Path.GetFileName).OrderDescending());
    }

    [Fact]
    public void A_task_without_output_has_empty_files_and_one_that_never_ran_has_none()
    {
        using (var results = ResultsFolder.Open(_folder))
        {
            Take(results, Ended(1, "a", 1), "", "");
            Take(results, new WireTask { Job = 1, Number = 2, OutputNumber = 2, State = TaskState.Skipped, AssignedNode = "a" }, "", "");
        }

        Assert.Equal("", Latin("a", "out1.txt"));
        Assert.Equal("", Latin("a", "ouMis1.txt"));
        Assert.False(File.Exists(Path.Combine(_folder, "a", "out2.txt")));
    }

    [Fact]
    public void What_was_cut_off_leaves_nothing_and_comes_whole_later()
    {
        using var results = ResultsFolder.Open(_folder);
        var task = Ended(1, "a", 1);
        results.Begin(task);
        results.Write(WireStream.Stdout, "hal"u8);
        results.Abandon();
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "a")));

        Take(results, task, "whole", "");

        Assert.Equal("whole", Latin("a", "out1.txt"));
    }

    [Fact]
    public void A_retry_replaces_what_an_earlier_attempt_left_on_another_node_too()
    {
        using var results = ResultsFolder.Open(_folder);
        Take(results, Ended(1, "a", 1, TaskState.Failed), "first", "");

        Take(results, Ended(1, "b", 1), "second", "");

        Assert.Equal("second", Latin("b", "out1.txt"));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "a")));
    }

    [Fact]
    public void A_run_that_brought_nothing_leaves_no_folder_of_its_own()
    {
        var path = Path.Combine(_folder, "r");

        ResultsFolder.Open(path).Dispose();

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void The_list_has_a_line_of_json_for_each_task()
    {
        using (var results = ResultsFolder.Open(_folder))
        {
            Take(results, Ended(1, "a", 1), "", "");
            Take(results, Ended(2, "b", 1, TaskState.Failed), "", "");
        }

        var states = File.ReadAllLines(Path.Combine(_folder, "results.jsonl")).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("state").GetString());
        Assert.Equal(["succeeded", "failed"], states);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("")]
    [InlineData("results.jsonl")]
    [InlineData("Results.JSONL")]
    public void A_node_id_that_is_no_safe_folder_name_is_refused(string id) => Assert.Throws<CommandFailure>(() => ResultsFolder.FolderOf(id));

    [Fact]
    public void A_map_s_results_never_fall_into_an_older_folder()
    {
        Assert.Equal(Path.Combine(_folder, "sweep.results"), ResultsFolder.FreeName("maps/sweep.yaml", _folder));

        Directory.CreateDirectory(Path.Combine(_folder, "sweep.results"));
        Directory.CreateDirectory(Path.Combine(_folder, "sweep.results.2"));

        Assert.Equal(Path.Combine(_folder, "sweep.results.3"), ResultsFolder.FreeName("maps/sweep.yaml", _folder));
    }

    [Fact]
    public void A_folder_that_can_not_be_made_is_told_in_one_line()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");

        var failure = Assert.Throws<CommandFailure>(() => ResultsFolder.Open(Path.Combine(_folder, "file", "r")));

        Assert.Equal(ExitStatus.WrongUsage, failure.Status);
    }

    [Fact]
    public void The_relay_passes_a_large_task_on_whole_after_the_one_before_it()
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        using var relay = new OutputRelay(output, error);
        var large = new string('x', 3_000_000);

        Take(relay, Ended(1, "a", 1), "first\n", "e");
        Take(relay, Ended(2, "a", 2), large, "");

        Assert.Equal("first\n" + large, Encoding.Latin1.GetString(output.ToArray()));
        Assert.Equal("e", Encoding.Latin1.GetString(error.ToArray()));
    }

    [Fact]
    public void The_table_of_a_small_job_has_all_tasks_and_of_a_large_one_those_that_did_not_succeed()
    {
        var small = new ResultTally(2);
        var large = new ResultTally(1000);
        foreach (var tally in new[] { small, large })
        {
            Take(tally, Ended(2, "a", 2, TaskState.Failed), "", "");
            Take(tally, Ended(1, "a", 1), "", "");
        }

        Assert.Equal([1, 2], small.Rows.Select(t => t.Number));
        Assert.Equal([2], large.Rows.Select(t => t.Number));
    }

    [Fact]
    public void The_table_has_an_end()
    {
        var tally = new ResultTally(1000);
        for (var task = 1; task <= 200; task++)
            Take(tally, Ended(task, "a", task, TaskState.Failed), "", "");

        Assert.Equal(ResultTally.MostRows, tally.Rows.Count());
        Assert.True(tally.IsCut);
    }

    private static WireTask Ended(int task, string node, int outputNumber, TaskState state = TaskState.Succeeded) => new()
    {
        Job = 1,
        Number = task,
        OutputNumber = outputNumber,
        State = state,
        AttemptCount = 1,
        Attempts = { new Attempt { Number = 1, Node = node } },
    };

    private static void Take(IResultSink sink, WireTask task, string output, string error)
    {
        sink.Begin(task);
        // In two pieces, as a long output comes.
        var bytes = Encoding.Latin1.GetBytes(output);
        sink.Write(WireStream.Stdout, bytes.AsSpan(0, bytes.Length / 2));
        sink.Write(WireStream.Stdout, bytes.AsSpan(bytes.Length / 2));
        sink.Write(WireStream.Stderr, Encoding.Latin1.GetBytes(error));
        sink.Complete(task);
    }

    private string Latin(params string[] path) => File.ReadAllText(Path.Combine([_folder, .. path]), Encoding.Latin1);
}
