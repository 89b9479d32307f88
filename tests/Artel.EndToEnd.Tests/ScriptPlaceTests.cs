using System.Runtime.Versioning;

namespace Artel.EndToEnd.Tests;

/// <summary>A script is a real file under its own name while it runs.</summary>
[SupportedOSPlatform("linux")]
public class ScriptPlaceTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task It_finds_what_lies_beside_it_and_can_start_itself_again()
    {
        Cluster.Folder.Write("lib.sh", "greet() { echo \"hello $1\"; }\n");
        var script = Cluster.Folder.Write("job.sh", """
            #!/bin/sh
            . "$(dirname "$0")/lib.sh"
            if [ "$1" = again ]; then greet "$(basename "$0")"; exit 7; fi
            exec sh "$0" again
            """);

        var ended = await Cluster.TryArtelAsync("run", script);

        Assert.True(ended is { Status: 7, Output: "hello job.sh\n" }, ended.ToString());
    }

    [Fact]
    public async Task Python_imports_its_neighbours_and_spawns_processes()
    {
        SystemRights.Require(SystemRights.Try("python3", "-c", ""), "the script is one of Python's");
        Cluster.Folder.Write("beside.py", "def twice(n):\n    return 2 * n\n");
        var script = Cluster.Folder.Write("spawn.py", """
            import multiprocessing
            from beside import twice

            if __name__ == "__main__":
                multiprocessing.set_start_method("spawn")
                with multiprocessing.Pool(2) as pool:
                    print(pool.map(twice, [1, 2, 3]))
            """);

        Assert.Equal("[2, 4, 6]\n", (await Cluster.ArtelAsync("run", script)).Output);
    }

    [Fact]
    public async Task One_that_is_not_on_the_node_as_it_was_is_a_copy_that_others_cannot_read_and_that_goes_with_the_task()
    {
        var script = Cluster.Folder.Write(
            "held.sh", "#!/bin/sh\necho \"$0\"; stat -c %a \"$0\" \"$(dirname \"$0\")\"; cat\n");
        var job = await Cluster.SubmitAsync("--hold", "--stdin", Cluster.Folder.Write("in", "its input\n"), script);
        File.WriteAllText(script, "#!/bin/sh\necho another\n");

        await Cluster.ArtelAsync("release", job);
        await Cluster.ArtelAsync("wait", job);

        var lines = (await Cluster.ArtelAsync("logs", job)).Output.TrimEnd().Split('\n');
        Assert.EndsWith("/held.sh", lines[0], StringComparison.Ordinal);
        Assert.NotEqual(script, lines[0]);
        Assert.Equal(["700", "700", "its input"], lines[1..]);
        await Eventually.Holds(() => !Directory.Exists(Path.GetDirectoryName(lines[0])), $"{lines[0]} is gone");
    }

    [Fact]
    public async Task A_file_that_others_may_change_is_not_run_in_its_place()
    {
        var script = Cluster.Folder.Write("open.sh", "#!/bin/sh\necho \"$0\"\n");
        File.SetUnixFileMode(script, (UnixFileMode)0x1b6);

        Assert.NotEqual(script, (await Cluster.ArtelAsync("run", script)).Output.TrimEnd());
    }

    [Fact]
    public async Task A_copy_that_a_killed_agent_has_left_is_removed_when_it_is_started_again()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        var script = cluster.Folder.Write("long.sh", "#!/bin/sh\necho \"$0\"; sleep 600\n");
        File.SetUnixFileMode(script, (UnixFileMode)0x1b6);
        var job = await cluster.SubmitAsync(script);
        var file = await Polling.UntilAsync(
            async () => (await cluster.TryArtelAsync("logs", job)).Output.TrimEnd(),
            said => said.Length > 0,
            "it says where it is");

        Processes.Signal("KILL", cluster.AgentOf("1"));
        await cluster.Node("1").EndAsync();
        await cluster.ArtelAsync("cancel", job);
        await cluster.StartNodeAsync("1");

        await Eventually.Holds(() => !Directory.Exists(Path.GetDirectoryName(file)), $"{file} is gone");
    }

    [Fact]
    public async Task Another_account_runs_it_too()
    {
        OtherAccount.Require();
        using var scratch = new OpenFolder();
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        await cluster.StartNodeAsync("1", "--run-as", OtherAccount.Name, "--scratch", scratch["s"]);
        var script = cluster.Folder.Write(
            "as.sh", "#!/bin/sh\nid -u; basename \"$0\"; echo $PWD; stat -c '%a %U' \"$0\"\n");

        var job = await cluster.SubmitAsync("--wait", "--cwd", "/", script);

        Assert.Equal(
            [OtherAccount.IdOf(OtherAccount.Name), "as.sh", "/", $"700 {OtherAccount.Name}"],
            (await cluster.ArtelAsync("logs", job)).Output.TrimEnd().Split('\n'));
    }
}
