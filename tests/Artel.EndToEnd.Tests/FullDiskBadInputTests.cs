namespace Artel.EndToEnd.Tests;

/// <summary>The disk under the server fills up: it stops taking work, says why and ends; with room made, all that it answered for is there.</summary>
public class FullDiskBadInputTests
{
    private const string Message = "is full: make room, then start artel-server again";

    [Fact]
    public async Task When_jobs_no_longer_fit_the_server_stops_and_every_acknowledged_job_and_result_is_there_after()
    {
        using var disk = SmallDisk.Mount(megabytes: 12);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", data: Path.Combine(disk.Path, "data"), nodes: ["1"]);
        var small = await cluster.SubmitAsync("--wait", "--", "echo", "small");
        var large = await cluster.SubmitAsync("--wait", "--", Binaries.TestProgram, "flood", "300000");
        var underway = await cluster.SubmitAsync("--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done; echo late");
        await cluster.JobBecomesAsync(underway, "running");
        await File.WriteAllBytesAsync(cluster.Folder["input"], new byte[150_000]);

        disk.Fill(leaveKibibytes: 512);
        List<string> acknowledged = [];
        Ended refused;
        while ((refused = await cluster.TryArtelAsync("submit", "--hold", "--stdin", cluster.Folder["input"], "--", "wc", "-c")).Status == 0)
        {
            acknowledged.Add(refused.Output.Trim());
            Assert.InRange(acknowledged.Count, 1, 20);
        }

        var server = await cluster.Server.EndAsync();
        cluster.Folder.Write("go", "");
        disk.MakeRoom();
        await cluster.StartServerAsync();

        Assert.True(refused.Status == 3, refused.ToString());
        Assert.Equal("", refused.Output);
        Assert.Equal(1, server.Status);
        Assert.Contains(Message, server.Errors, StringComparison.Ordinal);
        Assert.NotEmpty(acknowledged);
        var known = (await cluster.JsonAsync("ls")).GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("id").ToString()).ToHashSet();
        Assert.Superset(acknowledged.Append(small).Append(large).Append(underway).ToHashSet(), known);
        await cluster.ArtelAsync(["release", .. acknowledged]);
        await cluster.ArtelAsync(["wait", underway, .. acknowledged]);
        Assert.Equal("150000\n", (await cluster.ArtelAsync("logs", acknowledged[^1])).Output);
        Assert.Equal("small\n", (await cluster.ArtelAsync("logs", small)).Output);
        Assert.Equal(300_000, (await cluster.ArtelAsync("logs", large)).OutputBytes.Length);
        Assert.Equal("late\n", (await cluster.ArtelAsync("logs", underway)).Output);
        Assert.Equal(1, (await cluster.JsonAsync("show", underway + ".1")).GetProperty("attempt_count").GetInt32());
    }

    [Theory]
    [InlineData(12_000)]
    [InlineData(5_000_000)]
    public async Task When_output_no_longer_fits_the_server_stops_and_the_node_hands_it_over_after(int bytes)
    {
        using var disk = SmallDisk.Mount(megabytes: 12);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", data: Path.Combine(disk.Path, "data"), nodes: ["1"]);
        var job = await cluster.SubmitAsync("--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done; {Binaries.TestProgram} flood {bytes}");
        await cluster.JobBecomesAsync(job, "running");

        disk.Fill(leaveKibibytes: bytes / 2000);
        cluster.Folder.Write("go", "");
        var server = await cluster.Server.EndAsync();
        disk.MakeRoom();
        await cluster.StartServerAsync();

        Assert.Equal(1, server.Status);
        Assert.Contains(Message, server.Errors, StringComparison.Ordinal);
        await cluster.ArtelAsync("wait", job);
        Assert.Equal(1, (await cluster.JsonAsync("show", job + ".1")).GetProperty("attempt_count").GetInt32());
        Assert.Equal(bytes, (await cluster.ArtelAsync("logs", job)).OutputBytes.Length);
    }
}
