
namespace Artel.EndToEnd.Tests;

/// <summary>The disk under the server fails, or what is on it was changed: it stops and says so, and nothing that was answered is missing after.</summary>
public class ServerStorageTests
{
    private const int InputOutputError = 5;
    private const int ReadOnlyFileSystem = 30;

    [Theory]
    [InlineData("write", InputOutputError)]
    [InlineData("sync", InputOutputError)]
    [InlineData("write", ReadOnlyFileSystem)]
    public async Task When_the_disk_fails_the_server_stops_with_the_reason_and_goes_on_when_it_works_again(string operation, int error)
    {
        using var disk = FaultyDisk.Make();
        await using var cluster = TestCluster.Prepare(lostAfter: "60s", data: Path.Combine(disk.Path, "data"));
        foreach (var (name, value) in disk.Variables)
        {
            cluster.ServerVariables[name] = value;
        }

        await cluster.StartServerAsync();
        await cluster.StartNodeAsync("1");
        var done = await cluster.SubmitAsync("--wait", "--", "echo", "done");
        var underway = await cluster.SubmitAsync("--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done; echo late");
        await cluster.JobBecomesAsync(underway, "running");

        disk.Fail(operation, error);
        var refused = await cluster.TryArtelAsync("submit", "--", "echo", "refused");
        var server = await cluster.Server.EndAsync();
        cluster.Folder.Write("go", "");
        disk.Heal();
        await cluster.StartServerAsync();

        var message = $"the data in {cluster.Data} can not be read or written (I/O error";
        Assert.True(refused.Status == 3, refused.ToString());
        Assert.Equal("", refused.Output);
        Assert.Contains(message, refused.Errors, StringComparison.Ordinal);
        Assert.Equal(1, server.Status);
        Assert.Single(server.Errors.Split('\n'), line => line.StartsWith($"artel-server: {message}", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", server.Errors, StringComparison.Ordinal);
        await cluster.ArtelAsync("wait", underway);
        Assert.Equal("late\n", (await cluster.ArtelAsync("logs", underway)).Output);
        Assert.Equal("done\n", (await cluster.ArtelAsync("logs", done)).Output);
        Assert.Equal(1, (await cluster.JsonAsync("show", underway + ".1")).GetProperty("attempt_count").GetInt32());
    }

    [Fact]
    public async Task A_start_on_a_read_only_disk_says_so_and_succeeds_when_it_is_writable()
    {
        using var disk = SmallDisk.Mount(megabytes: 12);
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", data: Path.Combine(disk.Path, "data"));
        var job = await cluster.SubmitAsync("--", "echo", "kept");
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();

        disk.SetReadOnly(true);
        await cluster.BeginServerAsync();
        var refused = await cluster.Server.EndAsync();
        disk.SetReadOnly(false);
        await cluster.StartServerAsync();

        Assert.Equal(1, refused.Status);
        Assert.Equal($"artel-server: the data in {cluster.Data} is read-only: make it writable, then start artel-server again\n", refused.Errors);
        await cluster.ArtelAsync("show", job);
    }

    [Theory]
    [InlineData("cut in the last job", true)]
    [InlineData("cut by a few frames", true)]
    [InlineData("last job changed", true)]
    [InlineData("garbage behind it", false)]
    [InlineData("zeroes behind it", false)]
    [InlineData("a repeated frame behind it", false)]
    [InlineData("no index", false)]
    public async Task A_server_starts_with_a_torn_log_and_has_all_that_is_whole_in_it(string damage, bool losesTheEnd)
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s");
        var database = Path.Combine(cluster.Data, "artel.db");
        List<string> jobs = [];
        var beforeLast = 0L;
        while (jobs.Count < 6)
        {
            // More than the job is written, and some of it after the answer: all that follows this place is later than the job before.
            beforeLast = jobs.Count == 5 ? new FileInfo(database + "-wal").Length : 0;
            jobs.Add(await cluster.SubmitAsync("--", "echo", $"{jobs.Count + 1}"));
        }

        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        Damage(database, damage, beforeLast);
        await cluster.StartServerAsync();

        var known = (await cluster.JsonAsync("ls")).GetProperty("jobs").EnumerateArray().Select(j => j.GetProperty("id").ToString()).Reverse().ToArray();
        Assert.Equal(jobs[..known.Length], known);
        Assert.InRange(known.Length, losesTheEnd ? 3 : 6, losesTheEnd ? 5 : 6);

        // What is left works, and so does what comes.
        await cluster.StartNodeAsync("1");
        var next = await cluster.SubmitAsync("--", "echo", "next");
        await cluster.ArtelAsync(["wait", next, .. known]);
        Assert.Equal($"{known.Length}\n", (await cluster.ArtelAsync("logs", known[^1])).Output);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_start_with_a_damaged_database_fails_and_names_it(int page)
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.SubmitAsync("--", "echo", "kept");
        cluster.Server.Signal("TERM");
        await cluster.Server.EndAsync();
        Change(Path.Combine(cluster.Data, "artel.db"), page * 8192, 4096);

        await cluster.BeginServerAsync();
        var refused = await cluster.Server.EndAsync();

        Assert.Equal(1, refused.Status);
        Assert.StartsWith($"artel-server: the data in {cluster.Data} is damaged (", refused.Errors, StringComparison.Ordinal);
        Assert.EndsWith("): restore artel.db from a copy\n", refused.Errors, StringComparison.Ordinal);
        Assert.Single(refused.Errors.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("cut")]
    [InlineData("gone")]
    public async Task Damaged_output_is_told_for_its_task_and_all_else_is_given(string damage)
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);
        const string Script = "case {index} in 3) echo short;; *) yes {index} | head -c 100000;; esac";
        var job = await cluster.SubmitAsync("--wait", "--array", "1-3", "--node", "1", "--", "sh", "-c", Script);
        var other = await cluster.SubmitAsync("--wait", "--", Binaries.TestProgram, "flood", "50000");
        cluster.Server.Signal("TERM");
        await cluster.Server.EndAsync();
        var segment = Path.Combine(cluster.Data, "outputs", job, "1.seg");
        switch (damage)
        {
            case "changed":
                Change(segment, new FileInfo(segment).Length - 20_000, 1);
                break;
            case "cut":
                using (var file = File.OpenWrite(segment))
                {
                    file.SetLength(file.Length - 20_000);
                }

                break;
            default:
                File.Move(segment, segment + ".away");
                break;
        }

        await cluster.StartServerAsync();
        var isGone = damage == "gone";
        var fetched = await cluster.TryArtelAsync("fetch", job, "--to", cluster.Folder["results"]);
        var logs = await cluster.TryArtelAsync("logs", job + ".2");
        var sound = await cluster.TryArtelAsync("logs", job + ".1");

        Assert.True(fetched.Status == 1, fetched.ToString());
        Assert.Contains($"stdout of attempt 1 of task {job}.2 is {(isGone ? "lost" : "damaged")}", fetched.Errors, StringComparison.Ordinal);
        Assert.Equal(isGone, fetched.Errors.Contains($"task {job}.1 ", StringComparison.Ordinal));
        Assert.Equal("short\n", await File.ReadAllTextAsync(Path.Combine(cluster.Folder["results"], "1", "out3.txt")));
        Assert.Equal(3, (await File.ReadAllLinesAsync(Path.Combine(cluster.Folder["results"], "results.jsonl"))).Length);
        Assert.True(logs.Status == 1, logs.ToString());
        Assert.Contains($"stdout of attempt 1 of task {job}.2 is", logs.Errors, StringComparison.Ordinal);
        Assert.Equal(isGone ? 1 : 0, sound.Status);
        Assert.Equal(isGone ? 0 : 100_000, sound.OutputBytes.Length);
        Assert.Equal(50_000, (await cluster.ArtelAsync("logs", other)).OutputBytes.Length);
    }

    /// <param name="beforeLast">How long the log was before the last job came.</param>
    private static void Damage(string database, string damage, long beforeLast)
    {
        const int Frame = 24 + 8192;
        var log = database + "-wal";
        switch (damage)
        {
            case "cut in the last job":
                Cut(log, beforeLast + (Frame / 2));
                break;
            case "cut by a few frames":
                Cut(log, beforeLast - (2 * Frame));
                break;
            case "last job changed":
                Change(log, beforeLast + 4000, 8);
                break;
            case "garbage behind it":
                var garbage = new byte[30_000];
                new Random(1).NextBytes(garbage);
                File.AppendAllBytes(log, garbage);
                break;
            case "zeroes behind it":
                File.AppendAllBytes(log, new byte[3 * Frame]);
                break;
            case "a repeated frame behind it":
                File.AppendAllBytes(log, File.ReadAllBytes(log)[^Frame..]);
                break;
            case "no index":
                File.Delete(database + "-shm");
                break;
            default:
                throw new ArgumentException($"no damage '{damage}'", nameof(damage));
        }
    }

    private static void Cut(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static void Change(string path, long offset, int count)
    {
        using var file = File.Open(path, FileMode.Open);
        file.Position = offset;
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        file.Position = offset;
        file.Write([.. bytes.Select(b => (byte)(b ^ 0x5A))]);
    }
}
