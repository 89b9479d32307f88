using Artel.Cli.Progress;
using Artel.Cli.Results;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Artel.Cli.Tests;

/// <summary>What a terminal shows while results are fetched.</summary>
public sealed class FetchPictureTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("artel-fetch-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(120)]
    [InlineData(60)]
    [InlineData(20)]
    public void The_bar_says_how_many_are_written_how_fast_and_how_long_it_takes(int width)
    {
        using var results = ResultsFolder.Open(_folder.FullName);
        var picture = new FetchPicture(_clock, results, 40);
        Draw(picture, width);
        for (var i = 1; i <= 10; i++)
            results.Complete(new WireTask { Number = i });

        _clock.Advance(TimeSpan.FromSeconds(1));
        var line = Assert.Single(Draw(picture, width));

        Assert.True(line.Length <= width, line);
        Assert.Contains(width < 60 ? "10/40" : "10/40 tasks  25%  10.0/s, 3.00 s left", line, StringComparison.Ordinal);
        Assert.Equal(width >= 60, line.Contains('━', StringComparison.Ordinal));
    }

    private static string[] Draw(FetchPicture picture, int width)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        console.Write(picture.Draw(width, 24));
        return writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
