using System.Globalization;
using System.Runtime.Versioning;

namespace Artel.EndToEnd.Tests;

/// <summary>A task whose processes the agent may not end keeps its attempt, and people see which and why.</summary>
[SupportedOSPlatform("linux")]
public sealed class UnendedTests
{
    private const UnixFileMode LikeTmp = (UnixFileMode)0b1_111_111_111;

    // A set-user-id program of root.
    private const UnixFileMode BecomesRoot = (UnixFileMode)0b100_111_101_101;

    [Fact]
    public async Task A_task_that_became_another_user_is_told_with_its_process()
    {
        OtherAccount.Require();
        Assert.SkipUnless(Binaries.AreNative, "the other account gets a copy of the program, which must be one file");
        await using var cluster = await TestCluster.StartAsync(heartbeat: "500ms", nodes: []);
        using var open = new OpenFolder(LikeTmp);
        File.Copy("/usr/bin/setpriv", open["become"]);
        File.SetUnixFileMode(open["become"], BecomesRoot);

        // The one under test may lie in a folder that the account cannot enter.
        File.Copy(Binaries.Artel, open["artel"]);
        var token = (await cluster.ArtelAsync("token", "create", "--role", "node")).Output.Trim();
        await using var node = OtherAccount.Start(
            OtherAccount.Name,
            $"HOME={open.Path} exec {open["artel"]} node start --id 1 --join {token} --data {open["node"]}");
        await cluster.WaitForNodeAsync("1", "connected");
        var job = await cluster.SubmitAsync(
            "--cwd", "/", "--", "sh", "-c",
            $"echo $$ > {open["pid"]}; exec {open["become"]} --reuid 0 --regid 0 --clear-groups sleep 1357");
        await cluster.JobBecomesAsync(job, "running");
        await Polling.UntilAsync(
            () => Task.FromResult(Processes.Mentioning("sleep 1357")),
            all => all.Any(p => p.EndsWith(": sleep 1357 ", StringComparison.Ordinal)),
            "it has become root");
        var pid = int.Parse(await File.ReadAllTextAsync(open["pid"]), CultureInfo.InvariantCulture);
        try
        {
            await cluster.ArtelAsync("cancel", job);

            var reason = $"process {pid} of root may not be ended by this agent, which is another user";
            var why = await Polling.UntilAsync(
                () => cluster.WhyAsync(job + ".1"),
                text => text.Contains("has not ended", StringComparison.Ordinal),
                "why says it",
                TimeSpan.FromSeconds(40));
            Assert.Contains($"was killed on node 1 and has not ended: {reason}", why, StringComparison.Ordinal);
            var shown = (await cluster.ArtelAsync("node", "show", "1")).Output;
            Assert.Contains($"task {job}.1: {reason}", shown, StringComparison.Ordinal);
            Assert.Contains(reason, node.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("1357", shown + node.Errors, StringComparison.Ordinal);
        }
        finally
        {
            Processes.Signal("KILL", pid);
        }

        await cluster.JobBecomesAsync(job, "cancelled");
        Assert.DoesNotContain(
            "not ended", (await cluster.ArtelAsync("node", "show", "1")).Output, StringComparison.Ordinal);
    }
}
