using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Protocol.Tests.Maps;

/// <summary>Reads maps the way a test tells them.</summary>
internal static class Map
{
    public static MapContext Context { get; } = new() { MapDirectory = "/maps", SubmissionDirectory = "/here" };

    public static MapResult Parse(string text) => MapParser.Parse(text, "sweep.yaml", Context);

    public static JobSpec Job(string text)
    {
        var result = Parse(text);
        Assert.Empty(result.Mistakes);
        Assert.NotNull(result.Job);
        return result.Job;
    }

    /// <summary>The one task of a map, given by its keys: <c>{ run: [a], … }</c>.</summary>
    public static TaskTemplate Task(string keys) => Assert.Single(Job($"tasks: [{{ run: [a], {keys} }}]").Tasks);

    /// <summary>Every mistake as it is shown. There is no job then.</summary>
    public static string[] Mistakes(string text)
    {
        var result = Parse(text);
        Assert.Null(result.Job);
        Assert.NotEmpty(result.Mistakes);
        return [.. result.Mistakes.Select(mistake => mistake.ToString())];
    }

    public static string Repository { get; } = FindRepository();

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "artel.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests are not in the repository");

        return folder;
    }
}
