using System.Diagnostics;
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
        var mark = AgentMark.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "tag")))!;
        _folder.File("tag", (mark with { FirstTag = (ulong)((long)mark.FirstTag + away) }).ToString());

        Assert.Empty(LeftOvers.End(_folder.Path));

        Assert.False(record.Exit.IsCompleted);
        process.Kill();
        await Eventually.Gives(record.Exit, "the process ends");
    }

    [Fact]
    public async Task What_was_started_from_the_folder_that_this_is_a_copy_of_is_left_alone()
    {
        var (process, record) = await StartStubborn();
        LeftOvers.Note(_folder.Path);
        using var copy = new TemporaryFolder();
        File.Copy(Path.Combine(_folder.Path, "tag"), Path.Combine(copy.Path, "tag"));

        Assert.Empty(LeftOvers.End(copy.Path));

        Assert.False(record.Exit.IsCompleted);
        process.Kill();
        await Eventually.Gives(record.Exit, "the process ends");
    }

    [Fact]
    public async Task What_was_started_in_another_container_is_left_alone()
    {
        var (process, record) = await StartStubborn();
        LeftOvers.Note(_folder.Path);
        var mark = AgentMark.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "tag")))!;
        _folder.File("tag", (mark with { PidNamespace = "pid:[1]" }).ToString());

        Assert.Empty(LeftOvers.End(_folder.Path));

        Assert.False(record.Exit.IsCompleted);
        process.Kill();
        await Eventually.Gives(record.Exit, "the process ends");
    }

    [Fact]
    public void A_folder_whose_agent_lives_is_not_taken_whether_it_is_a_copy_or_its_lock_is_lost()
    {
        LeftOvers.Note(_folder.Path);
        var mark = AgentMark.Parse(File.ReadAllText(Path.Combine(_folder.Path, "tag")))!;
        using var other = Process.Start("sleep", ["60"]);
        var living = mark with { Pid = other.Id, StartTicks = ProcFile.ReadStat(other.Id)!.Value.StartTicks };

        _folder.File("tag", living.ToString());
        Assert.Null(DataFolder.Open(_folder.Path, out var lost));
        _folder.File("tag", (living with { Folder = "1:2:3" }).ToString());
        Assert.Null(DataFolder.Open(_folder.Path, out var copied));

        Assert.Contains($"(process {other.Id}) works in {_folder.Path}", lost, StringComparison.Ordinal);
        var expected = $"{_folder.Path} is a copy of the data folder of a node agent that runs (process {other.Id})";
        Assert.StartsWith(expected, copied, StringComparison.Ordinal);

        // After its end the copy is a folder like any other.
        other.Kill();
        other.WaitForExit();
        using var opened = DataFolder.Open(_folder.Path, out _);
        Assert.NotNull(opened);
    }

    [Fact]
    public async Task What_a_living_agent_has_started_is_left_alone()
    {
        var (process, record) = await StartStubborn();
        LeftOvers.Note(_folder.Path);
        var mark = AgentMark.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "tag")))!;
        using var other = Process.Start("sleep", ["60"]);
        _folder.File("tag", (mark with { Pid = other.Id, StartTicks = ProcFile.ReadStat(other.Id)!.Value.StartTicks }).ToString());

        Assert.Empty(LeftOvers.End(_folder.Path));

        Assert.False(record.Exit.IsCompleted);
        other.Kill();
        process.Kill();
        await Eventually.Gives(record.Exit, "the process ends");
    }

    [Fact]
    public async Task What_left_its_session_is_found_too()
    {
        // Not by a launcher: that would end the escaped one itself, as soon as it saw the end of its task.
        var file = Path.Combine(_folder.Path, "pid");
        ProcessTags.Take();
        using var task = Process.Start("setsid", ["/bin/sh", "-c", $"trap '' TERM HUP; {TestProgram.Path} escape {file} 60; while :; do sleep 0.05; done"]);
        ProcessTags.Give(task.Id);
        await Eventually.Holds(() => File.Exists(file), "one has escaped");
        var escaped = int.Parse(await File.ReadAllTextAsync(file), CultureInfo.InvariantCulture);
        LeftOvers.Note(_folder.Path);

        Assert.Superset(new HashSet<int> { task.Id, escaped }, LeftOvers.End(_folder.Path).ToHashSet());

        await task.WaitForExitAsync();
        await Eventually.Holds(() => IsDead(escaped), "the escaped process is gone");
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

    /// <summary>Gone, or dead and not waited for yet, which leaves no command line (proc(5)).</summary>
    private static bool IsDead(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Length == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async Task<(IRunningProcess Process, ProcessRecord Record)> StartStubborn()
    {
        var record = new ProcessRecord();
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string)e.Value!);
        var result = _launcher.Launch(
            new LaunchRequest(["/bin/sh", "-c", "trap '' TERM HUP; echo ready; while :; do sleep 0.05; done"], new ProcessEnvironment(environment)), record);
        await Eventually.Holds(() => record.StdoutText == "ready\n", "it is ready", () => record.StdoutText + record.StderrText);
        return (result.Process!, record);
    }
}
