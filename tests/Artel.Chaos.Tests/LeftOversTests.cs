using System.Diagnostics;

namespace Artel.Chaos.Tests;

public class LeftOversTests
{
    [Fact]
    public async Task A_process_is_found_by_what_it_inherited_and_gone_when_it_has_ended()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("processes are found in /proc, which only Linux has");

        var mark = $"left-over-{Guid.NewGuid():N}";
        var start = new ProcessStartInfo("sh", ["-c", "sleep 600 & wait"]);
        start.Environment["MARK"] = mark;
        using var shell = Process.Start(start)!;

        await Artel.Testing.Eventually.Holds(() => LeftOvers.With(mark, "PATH=").Count == 2, "the shell and its child are found");
        Assert.Contains(LeftOvers.With(mark), p => p.EndsWith("sleep 600 ", StringComparison.Ordinal));
        shell.Kill(entireProcessTree: true);
        await shell.WaitForExitAsync();

        await Artel.Testing.Eventually.Holds(() => LeftOvers.With(mark).Count == 0, "neither is there any more");
    }
}
