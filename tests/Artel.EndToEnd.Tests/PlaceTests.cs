namespace Artel.EndToEnd.Tests;

/// <summary>Submitting a job warns about nodes that lack its working directory or its program.</summary>
public class PlaceTests
{
    [Fact]
    public async Task A_folder_and_a_program_that_a_node_lacks_are_named_with_the_way_out_and_nothing_fails()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var ours = Directory.CreateDirectory(Path.Combine(cluster.Folder["hidden"], "only here")).FullName;
        await using var blind = await StartBlindAsync(cluster, "2", cluster.Folder["hidden"]);

        var folder = await SubmitAsync("--cwd", ours, "--hold", "--", "uname");
        Assert.Equal(
            $"artel: working directory '{ours}' does not exist on node 2, so tasks cannot start there: give --cwd "
            + "scratch or a folder that exists there, or choose nodes that have it with --node ID or --label KEY=VALUE",
            folder.Errors.TrimEnd());
        Assert.True(int.TryParse(folder.Output, out _), folder.Output);

        var program = await SubmitAsync("--cwd", "scratch", "--hold", "--array", "1-3", "--", "no-such-program");
        Assert.Contains(
            "program no-such-program was not found on nodes 1, 2, so tasks cannot start there: install it there",
            program.Errors,
            StringComparison.Ordinal);

        // The remedies, and a path that differs from task to task, which is not checked.
        string[][] quietOnes =
        [
            ["--cwd", "scratch"],
            ["--cwd", cluster.Home],
            ["--cwd", ours, "--node", "1"],
            ["--cwd", ours, "--label", "here=yes"],
            ["--array", "1-2", "--cwd", "/no/{index}"],
        ];
        foreach (var quiet in quietOnes)
            Assert.Equal("", (await SubmitAsync([.. quiet, "--hold", "--", "uname"])).Errors);

        var map = cluster.Folder.Write("m.yaml", $"tasks: [{{ run: [uname], cwd: '{ours}' }}]\n");
        foreach (var command in (string[])["check", "plan"])
        {
            var said = await cluster.ArtelAsync("map", command, map);
            Assert.Contains(
                "does not exist on node 2, so tasks cannot start there: write 'cwd: scratch'",
                said.Errors,
                StringComparison.Ordinal);
        }

        // Run warns about the node that lacks the folder, while the task runs on the other.
        var ran = await cluster.ArtelAsync("run", "--cwd", ours, "--label", "os=linux", "--", "echo", "done");
        Assert.Equal("done\n", ran.Output);
        Assert.Contains("does not exist on node 2", ran.Errors, StringComparison.Ordinal);

        // A node that does not answer is named, and holds up nothing.
        Processes.Signal("STOP", cluster.AgentOf("2"));
        var unanswered = await SubmitAsync("--cwd", "/nowhere at all", "--hold", "--", "uname");
        Processes.Signal("CONT", cluster.AgentOf("2"));
        Assert.Contains(
            "working directory '/nowhere at all' does not exist on node 1,",
            unanswered.Errors,
            StringComparison.Ordinal);
        Assert.Contains(
            "not asked whether it is there: node 2, which did not answer in time",
            unanswered.Errors,
            StringComparison.Ordinal);

        async Task<Ended> SubmitAsync(params string[] options)
        {
            var ended = await cluster.TryArtelAsync(["submit", .. options]);
            Assert.Equal(0, ended.Status);
            return ended;
        }
    }

    /// <summary>The commands of README, on a node that does not have the folder of the examples.</summary>
    [Fact]
    public async Task The_recipe_for_two_machines_works_as_it_is_written()
    {
        await using var cluster = await TestCluster.StartAsync();
        var clone = cluster.Folder["hidden"];
        CopyTo(Binaries.Examples, Path.Combine(clone, "work", "examples"));
        var readme = await File.ReadAllTextAsync(
            Path.Combine(Binaries.Repository, "README.md"), TestContext.Current.CancellationToken);
        var recipe = readme[readme.IndexOf("## A cluster on two machines", StringComparison.Ordinal)..];
        var submit = recipe.Split('\n').First(l => l.StartsWith("artel submit ", StringComparison.Ordinal));
        await using var blind = await StartBlindAsync(cluster, "1", clone);

        var command = submit[..submit.IndexOf('#', StringComparison.Ordinal)];
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await using var submitted = RunningProgram.Start(
            Binaries.Artel,
            words[1..],
            Path.Combine(clone, "work"), new Dictionary<string, string?> { ["ARTEL_HOME"] = cluster.Home });
        var ended = await submitted.EndAsync();

        Assert.True(ended.Status == 0, ended.ToString());
        Assert.DoesNotContain("does not exist", ended.Errors, StringComparison.Ordinal);
        Assert.Contains("throw 3:", (await cluster.ArtelAsync("logs", "1.3")).Output, StringComparison.Ordinal);
    }

    private static void CopyTo(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>A node that finds one folder empty, like another machine that does not have its files.</summary>
    private static async Task<RunningProgram> StartBlindAsync(TestCluster cluster, string id, string folder)
    {
        SystemRights.Require(SystemRights.Try("unshare", "--mount", "true"), "a mount namespace cannot be made here");
        var node = RunningProgram.Start(
            "unshare",
            [
                "--mount", "/bin/sh", "-c", "mount -t tmpfs none \"$1\" && shift && exec \"$@\"", "sh", folder,
                Binaries.Artel, "node", "start", "--id", id, "--data", cluster.DataOf(id),
                "--join", await cluster.TokenAsync("node"), "--cpus", "2",
            ],
            cluster.Home, new Dictionary<string, string?> { ["ARTEL_HOME"] = cluster.Home });
        await cluster.WaitForNodeAsync(id, "connected");
        return node;
    }
}
