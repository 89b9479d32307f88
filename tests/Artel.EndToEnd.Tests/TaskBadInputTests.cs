using System.Globalization;
using System.Text.Json;

namespace Artel.EndToEnd.Tests;

/// <summary>Tasks that can not be started, or not yet, and output of any kind: a clear message or every byte, never a crash.</summary>
public class TaskBadInputTests(OneNodeCluster shared) : IClassFixture<OneNodeCluster>
{
    private TestCluster Cluster => shared.Cluster;

    [Fact]
    public async Task A_program_that_does_not_exist_is_a_failed_attempt_that_says_so()
    {
        var (job, message) = await FailsToStartAsync("--", "no-such-program");

        Assert.Contains("'no-such-program' was not found on the PATH", message, StringComparison.Ordinal);
        Assert.Contains("no-such-program", await Cluster.WhyAsync(job), StringComparison.Ordinal);
        Assert.Equal(127, (await Cluster.TryArtelAsync("run", "--", "no-such-program")).Status);
    }

    [Fact]
    public async Task A_path_that_does_not_exist_is_a_failed_attempt_that_says_so()
    {
        var (_, message) = await FailsToStartAsync("--", "/no/such/программа");

        Assert.Contains("'/no/such/программа' was not found", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_executable_is_a_failed_attempt_that_says_so()
    {
        var script = Cluster.Folder.Write("not-executable.sh", "#!/bin/sh\necho hello\n");

        var (job, message) = await FailsToStartAsync("--", script);

        Assert.Contains($"chmod +x {script}", message, StringComparison.Ordinal);
        Assert.Contains("chmod +x", await Cluster.WhyAsync(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_working_directory_that_the_node_does_not_have_is_a_failed_attempt_that_says_so()
    {
        var (job, message) = await FailsToStartAsync("--cwd", "/no/such/folder", "--", "true");

        Assert.Contains("'/no/such/folder' does not exist on this node", message, StringComparison.Ordinal);
        Assert.Contains("/no/such/folder", await Cluster.WhyAsync(job), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 200_000)]
    [InlineData(40, 100_000)]
    public async Task An_argument_list_too_long_for_the_system_is_a_failed_attempt_that_says_so(int arguments, int length)
    {
        var run = new[] { "true" }.Concat(Enumerable.Repeat(new string('x', length), arguments));
        var map = Cluster.Folder.Write($"long-{arguments}.yaml", JsonSerializer.Serialize(new { tasks = new[] { new { run } } }));

        var (job, message) = await FailsToStartAsync(map);

        Assert.Contains("argument list is too long for this system", message, StringComparison.Ordinal);
        Assert.Contains("too long", await Cluster.WhyAsync(job), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_id_that_no_node_has_makes_the_job_wait_and_why_and_show_say_so()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: ["1"]);
        var submitted = await cluster.ArtelAsync("submit", "--node", "ghost", "--", "sh", "-c", "echo $ARTEL_NODE");
        var job = submitted.Output.Trim();
        const string Reason = "no node has the id ghost";
        Assert.Contains(Reason, submitted.Errors, StringComparison.Ordinal);
        Assert.Contains(Reason, await cluster.WhyAsync(job), StringComparison.Ordinal);
        Assert.Contains(Reason, await cluster.WhyAsync(job + ".1"), StringComparison.Ordinal);
        Assert.Contains(Reason, (await cluster.ArtelAsync("show", job)).Output, StringComparison.Ordinal);

        await cluster.StartNodeAsync("ghost");

        await cluster.ArtelAsync("wait", job);
        Assert.Equal("ghost\n", (await cluster.ArtelAsync("logs", job + ".1")).Output);
    }

    [Theory]
    [InlineData("--cpus", "100000", "100000 cpus")]
    [InlineData("--memory", "1000000GiB", "TiB of memory")]
    [InlineData("--gpus", "77", "77 gpus")]
    [InlineData("--label", "colour=голубой", "colour=голубой")]
    public async Task Needs_that_no_node_can_ever_meet_make_the_job_wait_and_why_and_show_say_so(string option, string value, string reason)
    {
        var submitted = await Cluster.ArtelAsync("submit", option, value, "--", "true");
        var job = submitted.Output.Trim();

        Assert.Contains(reason, submitted.Errors, StringComparison.Ordinal);
        Assert.Contains(reason, await Cluster.WhyAsync(job), StringComparison.Ordinal);
        Assert.Contains(reason, await Cluster.WhyAsync(job + ".1"), StringComparison.Ordinal);
        Assert.Contains(reason, (await Cluster.JsonAsync("show", job)).GetProperty("job").GetProperty("attention")[0].GetString(), StringComparison.Ordinal);
        await Cluster.ArtelAsync("cancel", job);
    }

    [Fact]
    public async Task Output_with_broken_UTF_8_and_NUL_bytes_is_kept_byte_for_byte()
    {
        var every = Enumerable.Range(0, 256).Select(b => (byte)b).Concat("\xff\xfe\0\0\xc3(\r\n\x1b[31m"u8.ToArray()).ToArray();
        var map = Cluster.Folder.Write("bytes.yaml", JsonSerializer.Serialize(new
        {
            nodes = new Dictionary<string, object>
            {
                ["1"] = new[]
                {
                    new[] { Binaries.TestProgram, "bytes", Convert.ToHexString(every) },
                    ["sh", "-c", $"{Binaries.TestProgram} bytes {Convert.ToHexString(every)} >&2"],
                },
            },
        }));

        var run = await Cluster.ArtelAsync("run", map, "--results", Cluster.Folder["bytes-run"], "--json");
        var job = JsonSerializer.Deserialize<JsonElement>(run.Output).GetProperty("job").GetProperty("id").ToString();
        await Cluster.ArtelAsync("fetch", job, "--to", Cluster.Folder["bytes-fetch"]);

        foreach (var results in new[] { "bytes-run", "bytes-fetch" })
        {
            Assert.Equal(every, await File.ReadAllBytesAsync(Path.Combine(Cluster.Folder[results], "1", "out1.txt")));
            Assert.Equal(every, await File.ReadAllBytesAsync(Path.Combine(Cluster.Folder[results], "1", "ouMis2.txt")));
        }

        Assert.Equal(every, (await Cluster.ArtelAsync("logs", job + ".1")).OutputBytes);
        Assert.Equal(every, (await Cluster.ArtelAsync("run", "--", Binaries.TestProgram, "bytes", Convert.ToHexString(every))).OutputBytes);
    }

    [Fact]
    public async Task Names_arguments_paths_variables_and_output_in_any_script_work()
    {
        const string Words = "Привет 你好 🎉 e\u0301";
        var folder = Directory.CreateDirectory(Cluster.Folder["папка 文件夹 📁"]).FullName;
        var script = Path.Combine(folder, "скрипт 脚本 🚀.sh");
        await File.WriteAllTextAsync(script, "#!/bin/sh\npwd; echo \"$1\"; echo \"$WORDS\"; echo \"$1\" >&2\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var map = Path.Combine(folder, "карта 地图 🗺.yaml");
        await File.WriteAllTextAsync(map, $$"""
            name: задача 任务 🎯
            tasks:
              - name: первая 第一 🥇
                run: ["./скрипт 脚本 🚀.sh", "{{Words}}"]
                cwd: "{{folder}}"
                env: { WORDS: "{{Words}}" }
            """);

        var results = Path.Combine(folder, "результаты 结果 🏁");
        var run = await Cluster.ArtelAsync("run", map, "--results", results, "--json");

        var job = JsonSerializer.Deserialize<JsonElement>(run.Output).GetProperty("job").GetProperty("id").ToString();
        var shown = (await Cluster.ArtelAsync("show", job)).Output;
        Assert.Contains("задача 任务 🎯", shown, StringComparison.Ordinal);
        Assert.Contains("первая 第一 🥇", (await Cluster.ArtelAsync("show", job + ".1")).Output, StringComparison.Ordinal);
        Assert.Contains("задача 任务 🎯", (await Cluster.ArtelAsync("ls")).Output, StringComparison.Ordinal);
        Assert.Equal(Words, (await Cluster.JsonAsync("show", job + ".1")).GetProperty("run")[1].GetString());
        var output = await File.ReadAllTextAsync(Path.Combine(results, "1", "out1.txt"));
        Assert.Equal($"{folder}\n{Words}\n{Words}\n", output);
        Assert.Equal(Words + "\n", await File.ReadAllTextAsync(Path.Combine(results, "1", "ouMis1.txt")));
        Assert.Equal(output, (await Cluster.ArtelAsync("logs", job + ".1")).Output);
    }

    [Fact]
    public async Task Output_of_1_GiB_is_cut_at_64_MiB_and_node_and_server_stay_small()
    {
        const long Gibibyte = 1L << 30;
        const long Limit = 64L << 20;
        const long MostMemory = 300_000_000;
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1"]);

        var job = await cluster.SubmitAsync("--", Binaries.TestProgram, "flood", Gibibyte.ToString(CultureInfo.InvariantCulture));
        await cluster.JobBecomesAsync(job, "succeeded", TimeSpan.FromMinutes(3));
        await cluster.ArtelAsync("fetch", job, "--to", cluster.Folder["results"]);

        var stdout = (await cluster.LastAttemptAsync(job + ".1")).GetProperty("stdout");
        Assert.Equal(Gibibyte, stdout.GetProperty("written").GetInt64());
        var kept = new FileInfo(Path.Combine(cluster.Folder["results"], "1", "out1.txt"));
        Assert.Equal((Limit, Limit), (kept.Length, stdout.GetProperty("length").GetInt64()));
        Assert.True(stdout.GetProperty("truncated").GetBoolean());
        Assert.InRange(PeakMemory.OfProcess(cluster.AgentOf("1")), 1, MostMemory);
        Assert.InRange(PeakMemory.OfProcess(cluster.Server.Id), 1, MostMemory);
    }

    private async Task<(string Job, string Message)> FailsToStartAsync(params string[] submission)
    {
        var submitted = await Cluster.TryArtelAsync(["submit", "--wait", .. submission]);
        Assert.True(submitted.Status == 1, submitted.ToString());
        var job = submitted.Output.Trim();
        var attempt = await Cluster.LastAttemptAsync(job + ".1");
        Assert.Equal("not_started", attempt.GetProperty("outcome").GetString());

        // And the node is as well as before.
        Assert.Equal(0, (await Cluster.TryArtelAsync("submit", "--wait", "--node", "1", "--", "true")).Status);
        return (job, attempt.GetProperty("message").GetString()!);
    }
}
