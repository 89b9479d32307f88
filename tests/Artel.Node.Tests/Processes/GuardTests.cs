using System.Globalization;
using System.Runtime.Versioning;
using Artel.Node.Processes;
using Artel.Testing;

namespace Artel.Node.Tests.Processes;

/// <summary>An agent that dies leaves nothing running.</summary>
[SupportedOSPlatform("linux")]
public sealed class GuardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LinuxLauncher _launcher = new();

    public void Dispose()
    {
        _launcher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_guard_ends_what_the_ledger_names_when_the_agent_is_gone()
    {
        using var ledger = new ProcessLedger(_folder.Path);
        var guard = ProcessGuard.Start(ledger, out var error);
        Assert.True(guard is not null, error);
        var (process, record) = await StartStubborn();
        var (ended, endedRecord) = await StartStubborn();
        var (unknown, unknownRecord) = await StartStubborn();
        ledger.Add(process.Id, ProcessLedger.NowTicks());
        ledger.Remove(ledger.Add(ended.Id, ProcessLedger.NowTicks()));

        // The pipe closes as it does when the agent dies.
        guard.Dispose();

        Assert.Equal(9, (await Eventually.Gives(record.Exit, "the guarded process is ended")).Signal);
        Assert.False(endedRecord.Exit.IsCompleted);
        Assert.False(unknownRecord.Exit.IsCompleted);
        ended.Kill();
        unknown.Kill();
        await Eventually.Gives(endedRecord.Exit, "the process ends");
        await Eventually.Gives(unknownRecord.Exit, "the process ends");
    }

    [Fact]
    public async Task A_new_agent_ends_what_an_earlier_one_left_and_nothing_else()
    {
        var (left, leftRecord) = await StartStubborn("n1");
        var (ofAnotherNode, otherRecord) = await StartStubborn("n2");
        var ledger = string.Create(CultureInfo.InvariantCulture, $"{left.Id} 1\n   \n{ofAnotherNode.Id} 1\n{Environment.ProcessId} 1\n");
        _folder.File("processes-1", ledger);

        var ended = ProcessLedger.EndLeftOvers(_folder.Path, "n1");

        Assert.Equal(9, (await Eventually.Gives(leftRecord.Exit, "the process left behind is ended")).Signal);
        Assert.Contains(left.Id, ended);
        Assert.False(otherRecord.Exit.IsCompleted);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        ofAnotherNode.Kill();
        await Eventually.Gives(otherRecord.Exit, "the process ends");
    }

    [Fact]
    public async Task A_process_older_than_its_line_in_the_ledger_is_a_stranger()
    {
        var (process, record) = await StartStubborn("n1");
        _folder.File("processes-1", string.Create(CultureInfo.InvariantCulture, $"{process.Id} {ProcessLedger.NowTicks() + 1000}\n"));

        Assert.Empty(ProcessLedger.EndLeftOvers(_folder.Path, "n1"));

        Assert.False(record.Exit.IsCompleted);
        process.Kill();
        await Eventually.Gives(record.Exit, "the process ends");
    }

    private async Task<(IRunningProcess Process, ProcessRecord Record)> StartStubborn(string node = "n1")
    {
        var record = new ProcessRecord();
        var environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["ARTEL_NODE"] = node };
        var result = _launcher.Launch(new LaunchRequest(["/bin/sh", "-c", "trap '' TERM HUP; echo ready; while :; do sleep 0.05; done"], environment), record);
        await Eventually.Holds(() => record.StdoutText == "ready\n", "it is ready", () => record.StdoutText);
        return (result.Process!, record);
    }
}
