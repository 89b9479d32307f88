using System.Globalization;
using System.Runtime.Versioning;
using Artel.Node.Processes;
using Artel.Testing;

namespace Artel.Node.Tests.Processes;

/// <summary>An agent ends what an earlier one left, when that one's guardian could not.</summary>
[Collection(nameof(LauncherTests))]
[SupportedOSPlatform("linux")]
public sealed class LeftOversTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LinuxLauncher _launcher = new();

    public void Dispose()
    {
        _launcher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_the_agent_of_this_folder_left_is_ended()
    {
        var (left, record) = await StartStubborn();
        LeftOvers.Note(_folder.Path);

        var ended = LeftOvers.End(_folder.Path);

        Assert.Equal(9, (await Eventually.Gives(record.Exit, "the process left behind is ended")).Signal);
        Assert.Contains(left.Id, ended);
        Assert.DoesNotContain(Environment.ProcessId, ended);
    }

    [Theory]
    [InlineData(+1L << 33)]
    [InlineData(-1L << 33)]
    public async Task What_another_agent_has_started_is_left_alone(long away)
    {
        var (process, record) = await StartStubborn();
        LeftOvers.Note(_folder.Path);
        var first = long.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "tag")), CultureInfo.InvariantCulture);
        _folder.File("tag", (first + away).ToString(CultureInfo.InvariantCulture));

        Assert.Empty(LeftOvers.End(_folder.Path));

        Assert.False(record.Exit.IsCompleted);
        process.Kill();
        await Eventually.Gives(record.Exit, "the process ends");
    }

    [Fact]
    public async Task What_left_its_session_is_found_too()
    {
        var file = Path.Combine(_folder.Path, "pid");
        var (task, record) = await StartStubborn($"{TestProgram.Path} escape {file} 60; ");
        var escaped = int.Parse(await File.ReadAllTextAsync(file), CultureInfo.InvariantCulture);
        LeftOvers.Note(_folder.Path);

        Assert.Contains(escaped, LeftOvers.End(_folder.Path));

        await Eventually.Gives(record.Exit, "the task ends");
        await Eventually.Holds(() => !File.Exists($"/proc/{escaped}"), "the escaped process is gone");
        Assert.NotEqual(task.Id, escaped);
    }

    [Fact]
    public void A_folder_where_no_agent_has_worked_has_no_left_overs() => Assert.Empty(LeftOvers.End(_folder.Path));

    [Fact]
    public void A_damaged_note_ends_nothing()
    {
        _folder.File("tag", "1 or 2");

        Assert.Empty(LeftOvers.End(_folder.Path));
    }

    private async Task<(IRunningProcess Process, ProcessRecord Record)> StartStubborn(string first = "")
    {
        var record = new ProcessRecord();
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string)e.Value!);
        var result = _launcher.Launch(
            new LaunchRequest(["/bin/sh", "-c", $"trap '' TERM HUP; {first}echo ready; while :; do sleep 0.05; done"], environment), record);
        await Eventually.Holds(() => record.StdoutText == "ready\n", "it is ready", () => record.StdoutText + record.StderrText);
        return (result.Process!, record);
    }
}
