using System.Runtime.Versioning;

namespace Artel.EndToEnd.Tests;

/// <summary>
/// The temporary folder is everybody's: nobody can make a private run of somebody else, root above all, remove what is
/// not its own.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class TemporaryFolderTests
{
    private const UnixFileMode LikeTmp = (UnixFileMode)0b1_111_111_111;

    [Fact]
    public async Task A_run_of_root_is_not_led_to_a_folder_of_roots_by_another_account()
    {
        OtherAccount.Require();
        using var temp = new OpenFolder(LikeTmp);
        using var victim = new OpenFolder();
        await File.WriteAllTextAsync(victim["lock"], "");
        await File.WriteAllTextAsync(victim["precious"], "");
        File.SetLastWriteTimeUtc(victim["lock"], DateTime.UnixEpoch);

        // Names that root's run would use, now and before, taken by the account, which goes on to swap folders for
        // links.
        var taken = temp[$"artel-{OtherAccount.IdOf("root")}"];
        await using var attack = OtherAccount.Start(OtherAccount.Name, $"""
            mkdir {taken}; ln -s {victim.Path} {taken}/run-1; ln -s {victim.Path} {temp["artel-run-1"]}
            touch {temp["begun"]}
            while :; do
              rm -rf {taken}/run-2 {temp["artel-run-2"]}; mkdir {taken}/run-2 {temp["artel-run-2"]}
              touch -d 2001-01-01 {taken}/run-2/lock {temp["artel-run-2/lock"]}
              rm -rf {taken}/run-2 {temp["artel-run-2"]}; ln -s {victim.Path} {taken}/run-2; ln -s {victim.Path} {temp["artel-run-2"]}
            done
            """);
        await attack.UntilAsync(_ => File.Exists(temp["begun"]), "the attack has begun");

        for (var i = 0; i < 3; i++)
        {
            await using var run = RunningProgram.Start(
                Binaries.Artel, ["run", "--private", "--", "true"], temp.Path,
                new Dictionary<string, string?> { ["ARTEL_HOME"] = temp["home"], ["TMPDIR"] = temp.Path });
            var ended = await run.EndAsync();
            Assert.True(ended.Status == 0, ended.ToString());
        }

        Assert.Equal(["lock", "precious"], Directory.GetFiles(victim.Path).Select(Path.GetFileName).Order());
        Assert.False(attack.HasEnded, attack.Errors);
    }

    [Fact]
    public async Task A_run_whose_folder_is_removed_says_so_in_one_line_and_ends()
    {
        using var temp = new TestFolder();
        await using var run = RunningProgram.Start(
            Binaries.Artel, ["run", "--private", "--", "sh", "-c", "echo ready; sleep 100"], temp.Path, Settings(temp));
        await run.UntilAsync(r => r.Output == "ready\n", "it runs");

        foreach (var folder in Directory.GetDirectories(temp.Path, "artel-*"))
            Directory.Delete(folder, recursive: true);

        var ended = await run.EndAsync();
        Assert.Equal(3, ended.Status);
        Assert.EndsWith(
            ", was removed while it ran: set TMPDIR to one that nobody cleans up",
            Assert.Single(ended.Errors.TrimEnd().Split('\n')),
            StringComparison.Ordinal);
        await Processes.AreGoneAsync(temp.Path);
    }

    [Theory]
    [InlineData("readonly", "Read-only file system")]
    [InlineData("full", "full")]
    public async Task A_run_without_a_temporary_folder_says_so_in_one_line(string trouble, string reason)
    {
        using var temp = new TestFolder();
        Directory.CreateDirectory(temp["readonly"]);
        Directory.CreateDirectory(temp["full"]);
        SystemRights.Require(
            SystemRights.Try("unshare", "--mount", "true"), "a namespace for mounts cannot be made here");
        await using var run = RunningProgram.Start(
            "unshare",
            [
                "--mount", "sh", "-c",
                $"mount -t tmpfs -o ro none {temp["readonly"]} && mount -t tmpfs -o size=64k none {temp["full"]} "
                + $"&& exec {Binaries.Artel} run --private -- true",
            ],
            temp.Path,
            new Dictionary<string, string?> { ["ARTEL_HOME"] = temp["home"], ["TMPDIR"] = temp[trouble] });

        var ended = await run.EndAsync();

        Assert.InRange(ended.Status, 2, 3);
        var line = Assert.Single(ended.Errors.TrimEnd().Split('\n'));
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.Contains("TMPDIR", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_can_never_be_served_ends_at_once()
    {
        using var temp = new TestFolder();
        await using var run = RunningProgram.Start(
            Binaries.Artel, ["run", "--private", "--memory", "900TiB", "--", "true"], temp.Path, Settings(temp));

        var ended = await run.EndAsync();

        Assert.Equal(2, ended.Status);
        Assert.StartsWith(
            "artel: a task asks for 900 TiB of memory, and this machine has ",
            Assert.Single(ended.Errors.TrimEnd().Split('\n')),
            StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(temp.Path, "artel-*"));
    }

    [Fact]
    public async Task A_run_whose_agent_does_not_answer_ends_within_its_bound_at_SIGTERM()
    {
        using var temp = new TestFolder();
        await using var cluster = await TestCluster.StartAsync(lostAfter: "10m", nodes: ["1"]);
        await using var shared = cluster.BeginArtel("run", "--", "sh", "-c", "echo ready; sleep 200");
        await using var alone = RunningProgram.Start(
            Binaries.Artel, ["run", "--private", "--", "sh", "-c", "echo ready; sleep 200"], temp.Path, Settings(temp));
        await shared.UntilAsync(r => r.Output == "ready\n", "it runs");
        await alone.UntilAsync(r => r.Output == "ready\n", "it runs");
        var own = Processes.ChildrenOf(alone.Id).Where(p => Processes.ChildrenOf(p).Count > 0);
        var agents = own.Append(cluster.AgentOf("1")).ToArray();
        foreach (var agent in agents)
            Processes.Signal("STOP", agent);

        try
        {
            shared.Signal("TERM");
            alone.Signal("TERM");

            // 30 s for a node that is out of reach, 15 s and what it takes to end the agent by force.
            Assert.NotEqual(0, (await shared.EndAsync(TimeSpan.FromSeconds(50))).Status);
            Assert.NotEqual(0, (await alone.EndAsync(TimeSpan.FromSeconds(50))).Status);
        }
        finally
        {
            Processes.Signal("CONT", cluster.AgentOf("1"));
        }

        await Processes.AreGoneAsync(temp.Path);
    }

    private static Dictionary<string, string?> Settings(TestFolder temp) =>
        new() { ["ARTEL_HOME"] = temp["home"], ["TMPDIR"] = temp.Path };

    [Fact]
    public async Task What_a_killed_run_has_left_is_removed_by_the_next_one_of_the_same_user()
    {
        using var temp = new TestFolder();
        var settings = new Dictionary<string, string?> { ["ARTEL_HOME"] = temp["home"], ["TMPDIR"] = temp.Path };
        await using var killed = RunningProgram.Start(Binaries.Artel, ["run", "--private", "--", "sleep", "100"], temp.Path, settings);
        await killed.UntilAsync(_ => Runs().Length == 1 && File.Exists(Path.Combine(Runs()[0], "node-local", "lock")), "it runs");
        var left = Runs()[0];
        killed.Signal("KILL");
        await killed.EndAsync();
        await Processes.AreGoneAsync(temp.Path);
        File.SetLastWriteTimeUtc(Path.Combine(left, "lock"), DateTime.UnixEpoch);

        await using var next = RunningProgram.Start(Binaries.Artel, ["run", "--private", "--", "true"], temp.Path, settings);
        Assert.Equal(0, (await next.EndAsync()).Status);

        Assert.False(Directory.Exists(left));
        Assert.Empty(Directory.GetDirectories(temp.Path, "artel-*"));

        string[] Runs() => [.. Directory.GetDirectories(temp.Path, "artel-*").SelectMany(d => Directory.GetDirectories(d, "run-*"))];
    }
}
