using Artel.Protocol.Maps;

namespace Artel.Protocol.Tests.Maps;

/// <summary>The maps under <c>examples/</c> are right as they are, wherever they are submitted from.</summary>
public sealed class ExampleTests
{
    private static readonly string Folder = Path.Combine(Map.Repository, "examples");

    public static TheoryData<string> Examples => [.. Directory.GetFiles(Folder, "*.yaml").Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_is_right_for_the_parser_and_the_schema(string name)
    {
        var file = Path.Combine(Folder, name);
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

        Assert.Empty(MapParser.Parse(text, name, MapContext.ForFile(file, "/elsewhere")).Mistakes);
        Assert.Empty(await MapSchema.Mistakes(text, TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_runs_in_its_own_folder_and_finds_its_scripts_there(string name)
    {
        var file = Path.Combine(Folder, name);

        var job = MapParser.Parse(File.ReadAllBytes(file), name, MapContext.ForFile(file, "/elsewhere")).Job!;

        var tasks = job.Sections.SelectMany(section => section.Tasks).Concat(job.Tasks).ToList();
        Assert.All(tasks, task => Assert.Equal(Folder, task.Cwd));
        var scripts = tasks.SelectMany(task => task.Run).Where(argument => argument.EndsWith(".sh", StringComparison.Ordinal) || argument.EndsWith(".awk", StringComparison.Ordinal));
        Assert.All(scripts, script => Assert.True(File.Exists(Path.Combine(Folder, script)), script));
    }

    [Fact]
    public async Task Those_for_anywhere_are_right_without_a_folder_too()
    {
        var files = Directory.GetFiles(Path.Combine(Folder, "anywhere"), "*.yaml");

        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            Assert.Empty(MapParser.Parse(text, file, MapContext.Detached).Mistakes);
            Assert.Empty(await MapSchema.Mistakes(text, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void The_tiles_of_the_picture_are_as_many_as_its_array_has()
    {
        var job = MapParser.Parse(File.ReadAllBytes(Path.Combine(Folder, "render.yaml")), "render.yaml", MapContext.ForFile("/m/render.yaml", "/")).Job!;

        var tile = job.Tasks[0];
        var tiles = int.Parse(tile.Env["TILES_ACROSS"], null) * int.Parse(tile.Env["TILES_DOWN"], null);
        Assert.Equal($"0-{tiles - 1}", IndexSets.Format(tile.Array));
    }
}
