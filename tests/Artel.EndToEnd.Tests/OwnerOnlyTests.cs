using System.Runtime.Versioning;

namespace Artel.EndToEnd.Tests;

/// <summary>What servers and nodes keep is their owner's only, and of one of them at a time.</summary>
[SupportedOSPlatform("linux")]
public sealed class OwnerOnlyTests
{
    private static readonly Dictionary<string, string?> WithoutDotNetLocks = new() { ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1" };

    [Fact]
    public async Task Nothing_that_is_kept_is_open_to_others_whatever_the_umask()
    {
        SystemRights.Require(OperatingSystem.IsLinux() ? null : "this is not Linux", "permissions are those of the system");
        using var folder = new TestFolder();
        var settings = new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["a/home"], ["NOTIFY_SOCKET"] = "/run/x" };
        await using var up = RunningProgram.Start(
            "sh", ["-c", "umask 000; exec \"$0\" \"$@\"", Binaries.Artel, "up", "--id", "n", "--listen", "127.0.0.1:0", "--dashboard", "none", "--json"], folder.Path, settings);
        await up.UntilAsync(p => p.HasEnded || p.Output.Contains('\n', StringComparison.Ordinal), "the cluster is up");
        Ended ended;

        // Long output, in the folder of a task, while it still runs: the node has it in a file then.
        await using (var run = RunningProgram.Start(
            Binaries.Artel, ["run", "--cwd", "scratch", "--", "sh", "-c", $"env; umask; touch mine; seq 1 1000000; touch {folder["written"]}; while [ ! -e {folder["go"]} ]; do sleep 0.05; done"],
            folder.Path, settings))
        {
            await run.UntilAsync(_ => File.Exists(folder["written"]), "the task has written");
            var spool = Path.Combine(folder["a/home"], "node-n", "spool");
            await Polling.UntilAsync(
                () => Task.FromResult(Directory.GetFiles(spool, "*", SearchOption.AllDirectories).Count(f => Path.GetDirectoryName(f)!.EndsWith("/output", StringComparison.Ordinal))),
                n => n > 0, "the node has a file of it");
            AssertClosed(folder["a"], except: "mine");
            folder.Write("go", "");
            ended = await run.EndAsync();
        }

        Assert.Equal(0, ended.Status);
        AssertClosed(folder["a"]);

        // The task itself has the umask that the agent was started with, and nothing that leads to the cluster.
        Assert.Contains("\n0000\n", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ARTEL_HOME", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NOTIFY_SOCKET", ended.Output, StringComparison.Ordinal);
        up.Signal("INT");
        await up.EndAsync();
    }

    [Fact]
    public async Task A_folder_that_others_can_look_into_is_closed_if_it_is_ours_and_else_refused()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        cluster.Node("1").Signal("INT");
        await cluster.Node("1").EndAsync();
        Open(cluster.DataOf("1"));
        Open(Directory.GetFiles(Path.Combine(cluster.DataOf("1"), "spool"), "journal", SearchOption.AllDirectories).Single());
        var foreign = cluster.Folder["foreign"];
        Directory.CreateDirectory(foreign);
        cluster.Folder.Write("foreign/diary", "");
        Open(foreign);

        await cluster.StartNodeAsync("1");
        var node = await cluster.TryArtelAsync("node", "start", "--id", "2", "--data", foreign, "--join", await cluster.TokenAsync("node"));
        var server = await cluster.TryArtelAsync("server", "start", "--data", foreign, "--listen", "127.0.0.1:0", "--dashboard", "none");

        AssertClosed(cluster.DataOf("1"));
        Assert.NotEqual(0, node.Status);
        Assert.NotEqual(0, server.Status);
        Assert.Contains($"the folder {foreign} is open to other users and holds other files", node.Errors, StringComparison.Ordinal);
        Assert.Contains($"the folder {foreign} is open to other users and holds other files", server.Errors, StringComparison.Ordinal);
        Assert.Equal(Everything, File.GetUnixFileMode(foreign));
    }

    [Fact]
    public async Task A_folder_of_another_user_is_refused()
    {
        OtherAccount.Require();
        await using var cluster = await TestCluster.StartAsync();
        var theirs = cluster.Folder["theirs"];
        Directory.CreateDirectory(theirs);
        Assert.Null(SystemRights.Try("chown", OtherAccount.Name, theirs));

        var node = await cluster.TryArtelAsync("node", "start", "--id", "2", "--data", theirs, "--join", await cluster.TokenAsync("node"));

        Assert.NotEqual(0, node.Status);
        Assert.Contains($"the folder {theirs} belongs to another user", node.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_of_them_never_work_in_one_folder_though_the_locks_of_dotnet_are_turned_off()
    {
        using var folder = new TestFolder();
        var settings = new Dictionary<string, string?>(WithoutDotNetLocks) { ["ARTEL_HOME"] = folder["home"] };
        string[] server = ["server", "start", "--data", folder["data"], "--listen", "127.0.0.1:0", "--dashboard", "none", "--json"];
        await using var first = RunningProgram.Start(Binaries.Artel, server, folder.Path, settings);
        await first.UntilAsync(p => p.HasEnded || p.Output.Contains('\n', StringComparison.Ordinal), "the server listens");
        await using var token = RunningProgram.Start(Binaries.Artel, ["token", "create", "--role", "node"], folder.Path, settings);
        var join = (await token.EndAsync()).Output.Trim();
        string[] node = ["node", "start", "--id", "1", "--data", folder["node"]];
        await using var agent = RunningProgram.Start(Binaries.Artel, [.. node, "--join", join], folder.Path, settings);
        await agent.UntilAsync(p => p.HasEnded || p.Errors.Contains("connected to", StringComparison.Ordinal), "the node is connected");

        await using var otherServer = RunningProgram.Start(Binaries.Artel, server, folder.Path, settings);
        await using var otherAgent = RunningProgram.Start(Binaries.Artel, node, folder.Path, settings);
        var refusedServer = await otherServer.EndAsync();
        var refusedAgent = await otherAgent.EndAsync();

        Assert.NotEqual(0, refusedServer.Status);
        Assert.Contains($"another artel-server (process {first.Id}) works on the data in {folder["data"]}", refusedServer.Errors, StringComparison.Ordinal);
        Assert.NotEqual(0, refusedAgent.Status);
        Assert.Matches($@"another node agent \(process \d+\) works in {folder["node"]}", refusedAgent.Errors);
        Assert.False(first.HasEnded);
        Assert.False(agent.HasEnded);
    }

    private const UnixFileMode Everything =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | Others;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static void Open(string path) => File.SetUnixFileMode(path, Everything);

    private static void AssertClosed(string folder, string except = "")
    {
        var all = new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Append(new DirectoryInfo(folder)).ToList();
        Assert.True(all.Count > 3, $"{all.Count} entries");
        Assert.Equal([], all.Where(e => e.Name != except && (e.UnixFileMode & Others) != 0).Select(e => $"{e.FullName} {e.UnixFileMode}"));
    }
}
