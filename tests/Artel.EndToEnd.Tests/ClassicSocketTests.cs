using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Artel.EndToEnd.Tests;

/// <summary>Classic nodes over a Unix socket, which only one account can open.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClassicSocketTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task The_example_works_over_the_socket_and_finds_the_server_again_after_it_was_killed()
    {
        using var folder = new TestFolder();
        var path = folder["classic.sock"];
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", server: ["--classic", "unix:" + path]);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        await using var node = RunningProgram.Start(
            "python3", [Path.Combine(Binaries.Examples, "classic", "node.py"), "unix:" + path, "5", "0.2"], folder.Path);
        await cluster.WaitForNodeAsync("5", "connected");
        cluster.Folder.Write("map.yaml", "nodes:\n  5:\n    - run: [echo, hello]\n");

        await cluster.ArtelAsync("run", cluster.Folder["map.yaml"], "--results", folder["results"]);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(folder["results"], "5", "out1.txt")));

        // What it leaves behind is its own and nobody listens: the next one takes the place.
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        Assert.True(File.Exists(path));
        await cluster.StartServerAsync();
        await cluster.WaitForNodeAsync("5", "connected");
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));

        cluster.Server.Signal("TERM");
        await cluster.Server.EndAsync();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task What_others_own_or_use_is_not_taken_away()
    {
        using var folder = new TestFolder();
        folder.Write("file", "mine");
        using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(new UnixDomainSocketEndPoint(folder["used.sock"]));
        listening.Listen();
        var open = Directory.CreateDirectory(folder["open"]).FullName;
        File.SetUnixFileMode(open, (UnixFileMode)0x1FF);

        await IsRefusedAsync(folder, folder["file"], "there is another file with this name");
        await IsRefusedAsync(folder, folder["used.sock"], "another program listens there");
        await IsRefusedAsync(folder, Path.Combine(open, "classic.sock"), "other accounts can write in");
        await IsRefusedAsync(folder, folder[new string('x', 120)], "the path of a socket has at most", status: 2);
        await IsRefusedAsync(folder, "classic.sock", "give the whole path of the socket", status: 2);

        Assert.Equal("mine", await File.ReadAllTextAsync(folder["file"]));
        Assert.True(File.Exists(folder["used.sock"]));
    }

    private static async Task IsRefusedAsync(TestFolder folder, string path, string why, int status = 1)
    {
        await using var server = RunningProgram.Start(
            Binaries.Artel, ["server", "start", "--data", folder["data"], "--listen", "127.0.0.1:0", "--dashboard", "none", "--classic", "unix:" + path],
            environment: new Dictionary<string, string?> { ["ARTEL_HOME"] = folder["home"] });
        var ended = await server.EndAsync();

        Assert.True(ended.Status == status, ended.ToString());
        Assert.Contains(why, ended.Errors, StringComparison.Ordinal);
    }
}
