namespace Artel.EndToEnd.Tests;

/// <summary>Each example as README runs it: one command, a private cluster, nothing left behind.</summary>
public class ExampleTests
{
    [Fact]
    public async Task The_sweep_collects_one_table_over_two_nodes()
    {
        using var examples = Copy();

        var run = await RunAsync(examples, "sweep.yaml");

        Assert.True(run.Status == 0, run.ToString());
        Assert.True(File.ReadLines(examples["sweep.results/table.txt"]).Count() > 8, run.ToString());
        Assert.NotEmpty(await File.ReadAllTextAsync(examples["results/1/out1.txt"]));
        Assert.NotEmpty(await File.ReadAllTextAsync(examples["results/2/out1.txt"]));
    }

    [Fact]
    public async Task The_picture_is_rendered_in_tiles_and_stitched()
    {
        using var examples = Copy();

        // Small, so that it takes a moment only; the same map otherwise.
        var map = (await File.ReadAllTextAsync(examples["render.yaml"])).Replace("WIDTH: 480, HEIGHT: 270", "WIDTH: 48, HEIGHT: 28", StringComparison.Ordinal);
        await File.WriteAllTextAsync(examples["render.yaml"], map);
        var run = await RunAsync(examples, "render.yaml");

        Assert.True(run.Status == 0, run.ToString());
        Assert.Contains("48 28", await File.ReadAllTextAsync(examples["render.results/render.ppm"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_task_that_fails_twice_succeeds_at_the_third_attempt()
    {
        using var examples = Copy();

        var run = await RunAsync(examples, "retry.yaml");

        Assert.True(run.Status == 0, run.ToString());
        Assert.Matches(@"download\s.*\b3\b", run.Output);
    }

    [Fact]
    public async Task The_study_goes_element_by_element_and_cleans_up()
    {
        using var examples = Copy();

        var run = await RunAsync(examples, "pipeline.yaml");

        Assert.True(run.Status == 0, run.ToString());
        Assert.Equal(["best.txt"], Directory.EnumerateFiles(examples["pipeline.results"]).Select(Path.GetFileName));
        Assert.Equal(3, (await File.ReadAllLinesAsync(examples["pipeline.results/best.txt"])).Count(l => l.StartsWith("{\"rate\":", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_script_runs_with_the_options_in_its_head()
    {
        using var examples = Copy();

        var run = await RunAsync(examples, "script.sh");

        Assert.True(run.Status == 0, run.ToString());
        Assert.Equal(6, Directory.EnumerateFiles(examples["results"], "out*.txt", SearchOption.AllDirectories)
            .Count(f => File.ReadAllText(f).StartsWith("throw ", StringComparison.Ordinal)));
    }

    private static TestFolder Copy()
    {
        var folder = new TestFolder();
        foreach (var file in Directory.EnumerateFiles(Binaries.Examples, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(Binaries.Examples, file);
            if (!relative.Contains(".results", StringComparison.Ordinal))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(folder[relative])!);
                File.Copy(file, folder[relative]);
            }
        }

        return folder;
    }

    private static async Task<Ended> RunAsync(TestFolder examples, string map)
    {
        var home = examples["home"];
        var temporary = Directory.CreateDirectory(examples["tmp"]).FullName;
        await using var program = RunningProgram.Start(
            Binaries.Artel, ["run", map, "--results", examples["results"]], examples.Path,
            new Dictionary<string, string?> { ["HOME"] = home, ["TMPDIR"] = temporary });
        var ended = await program.EndAsync(TimeSpan.FromMinutes(3));
        Assert.False(Directory.Exists(home), "something was left in the user's home");
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary));
        return ended;
    }
}
