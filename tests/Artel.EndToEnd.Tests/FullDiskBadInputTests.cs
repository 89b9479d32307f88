namespace Artel.EndToEnd.Tests;

/// <summary>The disk under the server fills up: it refuses what is long, says why, goes on, and takes everything in once there is room.</summary>
/// <remarks>
/// Reserves are large beside what the server writes meanwhile: its log grows and shrinks by a megabyte at any moment, and which
/// side of the reserve the disk is on must not depend on that.
/// </remarks>
public class FullDiskBadInputTests
{
    [Fact]
    public async Task When_jobs_no_longer_fit_they_are_refused_with_the_reason_and_the_server_goes_on()
    {
        using var disk = SmallDisk.Mount(megabytes: 64);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", data: Path.Combine(disk.Path, "data"), nodes: ["1"], server: ["--disk-reserve", "16MiB"]);
        var large = await cluster.SubmitAsync("--wait", "--", Binaries.TestProgram, "flood", "300000");
        await File.WriteAllBytesAsync(cluster.Folder["input"], new byte[150_000]);

        disk.Fill(leaveKibibytes: 12 * 1024);
        await IsShortAsync(cluster);
        var refused = await cluster.TryArtelAsync("submit", "--hold", "--stdin", cluster.Folder["input"], "--", "wc", "-c");
        var small = await cluster.SubmitAsync("--wait", "--", "echo", "small");
        var status = await cluster.JsonAsync("server", "status");
        disk.MakeRoom();
        await Polling.UntilAsync(async () => !(await cluster.JsonAsync("server", "status")).GetProperty("disk").GetProperty("is_short").GetBoolean(), found => found, "the server says so");
        var accepted = await cluster.SubmitAsync("--wait", "--stdin", cluster.Folder["input"], "--", "wc", "-c");

        Assert.True(refused.Status != 0, refused.ToString());
        Assert.Contains("the disk of the server has no room for ", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("16 MiB are kept in reserve", refused.Errors, StringComparison.Ordinal);
        Assert.Single(refused.Errors.TrimEnd().Split('\n'));
        Assert.Equal("small\n", (await cluster.ArtelAsync("logs", small)).Output);
        Assert.True(status.GetProperty("disk").GetProperty("is_short").GetBoolean());
        Assert.Equal(16L << 20, status.GetProperty("disk").GetProperty("reserve_bytes").GetInt64());
        Assert.Contains("long output and large jobs wait until there is room", status.GetProperty("attention").ToString(), StringComparison.Ordinal);
        Assert.Equal("150000\n", (await cluster.ArtelAsync("logs", accepted)).Output);
        Assert.Equal(300_000, (await cluster.ArtelAsync("logs", large)).OutputBytes.Length);
    }

    [Theory]
    [InlineData(12_000)]
    [InlineData(5_000_000)]
    public async Task When_output_no_longer_fits_the_node_keeps_it_and_delivers_it_once_there_is_room(int bytes)
    {
        using var disk = SmallDisk.Mount(megabytes: 64);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", data: Path.Combine(disk.Path, "data"), nodes: ["1"], server: ["--disk-reserve", "16MiB"]);
        var job = await cluster.SubmitAsync("--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done; {Binaries.TestProgram} flood {bytes}");
        await cluster.JobBecomesAsync(job, "running");

        disk.Fill(leaveKibibytes: 12 * 1024);
        await IsShortAsync(cluster);
        cluster.Folder.Write("go", "");
        await Polling.UntilAsync(async () => (await cluster.ArtelAsync("why", job + ".1")).Output.Contains("which keeps its output", StringComparison.Ordinal), found => found, "the server says so");
        var why = (await cluster.ArtelAsync("why", job + ".1")).Output;
        var small = await cluster.SubmitAsync("--wait", "--", "echo", "small");
        disk.MakeRoom();
        await cluster.ArtelAsync("wait", job);

        Assert.Contains("has ended on node 1, which keeps its output: the disk of the server has no room for", why, StringComparison.Ordinal);
        Assert.Equal("small\n", (await cluster.ArtelAsync("logs", small)).Output);
        Assert.Equal(1, (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempt_count").GetInt32());
        Assert.Equal(bytes, (await cluster.ArtelAsync("logs", job)).OutputBytes.Length);
    }

    [Fact]
    public async Task Output_that_grows_over_the_disk_while_it_is_written_neither_stops_the_server_nor_stays_in_its_way()
    {
        using var disk = SmallDisk.Mount(megabytes: 70);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", data: Path.Combine(disk.Path, "data"), nodes: ["1"]);
        cluster.Folder.Write("flood.yaml", $"tasks:\n  - run: [{Binaries.TestProgram}, flood, \"90000000\"]\n    output_limit: 100MiB\n");
        var job = await cluster.SubmitAsync(cluster.Folder["flood.yaml"]);

        await Polling.UntilAsync(async () => (await cluster.ArtelAsync("why", job + ".1")).Output.Contains("which keeps its output", StringComparison.Ordinal), found => found, "the server says so");
        var small = await cluster.SubmitAsync("--wait", "--", "echo", "small");
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        await cluster.StartServerAsync();
        var again = await cluster.SubmitAsync("--wait", "--", Binaries.TestProgram, "flood", "300000");

        Assert.Equal("small\n", (await cluster.ArtelAsync("logs", small)).Output);
        Assert.Equal(300_000, (await cluster.ArtelAsync("logs", again)).OutputBytes.Length);
        await cluster.ArtelAsync("cancel", job);
    }

    [Fact]
    public async Task Below_half_of_the_reserve_nothing_new_is_begun_until_there_is_room()
    {
        using var disk = SmallDisk.Mount(megabytes: 64);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", data: Path.Combine(disk.Path, "data"), nodes: ["1"], server: ["--disk-reserve", "16MiB"]);
        var held = await cluster.SubmitAsync("--hold", "--", "echo", "held");
        var user = await cluster.TokenAsync("user");
        var own = (await cluster.TryArtelWithAsync("ARTEL_TOKEN", user, "submit", "--hold", "--", "true")).Output.Trim();

        disk.Fill(leaveKibibytes: 5 * 1024);
        await Polling.UntilAsync(async () => (await cluster.JsonAsync("server", "status")).GetProperty("attention").ToString().Contains("no task is started", StringComparison.Ordinal), found => found, "the server says so");
        var refused = await cluster.TryArtelAsync("submit", "--", "echo", "new");
        var change = await cluster.TryArtelWithAsync("ARTEL_TOKEN", user, "cancel", own);
        await cluster.ArtelAsync("release", held);
        var why = (await cluster.ArtelAsync("why", held + ".1")).Output;
        disk.MakeRoom();
        await cluster.ArtelAsync("wait", held);

        Assert.NotEqual(0, refused.Status);
        Assert.Contains("the disk of the server has no room", refused.Errors, StringComparison.Ordinal);
        Assert.NotEqual(0, change.Status);
        Assert.Contains("only an admin can change anything", Assert.Single(change.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("no task is started and no job accepted until there is room", why, StringComparison.Ordinal);
        Assert.Equal("held\n", (await cluster.ArtelAsync("logs", held)).Output);
    }

    [Fact]
    public async Task On_a_disk_that_is_full_when_it_starts_the_server_says_so_in_one_line()
    {
        using var disk = SmallDisk.Mount(megabytes: 12);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", data: Path.Combine(disk.Path, "data"), nodes: []);
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        disk.Fill();

        var server = await cluster.BeginArtel("server", "start", "--data", Path.Combine(disk.Path, "data"), "--listen", "127.0.0.1:0").EndAsync();

        Assert.Equal(1, server.Status);
        Assert.Contains("is full: make room, then start artel-server again", Assert.Single(server.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_asks_for_more_output_than_the_server_allows()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"], server: ["--max-output-limit", "2kB"]);

        cluster.Folder.Write("much.yaml", "tasks:\n  - run: [echo]\n    output_limit: 1MiB\n");
        var refused = await cluster.TryArtelAsync("submit", cluster.Folder["much.yaml"]);
        var job = await cluster.SubmitAsync("--wait", "--", Binaries.TestProgram, "flood", "300000");

        Assert.NotEqual(0, refused.Status);
        Assert.Contains("tasks[0].output_limit: 1MiB is more than this server keeps of a stream: at most 2kB", refused.Errors, StringComparison.Ordinal);
        Assert.InRange((await cluster.ArtelAsync("logs", job)).OutputBytes.Length, 1, 2200);
    }

    [Theory]
    [InlineData("--disk-reserve", "much")]
    [InlineData("--max-output-limit", "0")]
    public async Task A_size_that_is_none_is_refused_at_the_start(string option, string value)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: []);

        var server = await cluster.BeginArtel("server", "start", "--listen", "127.0.0.1:0", option, value).EndAsync();

        Assert.Equal(2, server.Status);
        Assert.Contains(option, Assert.Single(server.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    /// <summary>The server looks at the disk four times a second at most: waits until it has seen what was filled.</summary>
    private static Task<bool> IsShortAsync(TestCluster cluster) => Polling.UntilAsync(
        async () => (await cluster.JsonAsync("server", "status")).GetProperty("disk").GetProperty("is_short").GetBoolean(),
        found => found,
        "the server sees that the disk is short");
}
