using System.Text.Json;
using Artel.Server;

namespace Artel.EndToEnd.Tests;

/// <summary>
/// The server dies at each point of what it does by itself: schedules, and what follows the ends of jobs. No time gives two jobs, none that was
/// decided is lost, a command follows each end once, and a webhook at least once.
/// </summary>
public sealed class OwnWorkCrashTests
{
    private const int Killed = 128 + 9;

    [Fact]
    public async Task What_the_server_does_by_itself_is_done_once_though_it_dies_over_it()
    {
#if !CRASH_POINTS
        Assert.Skip("only debug builds of the server have crash points");
#endif
        using var receiver = HookListener.Start();
        await using var cluster = TestCluster.Prepare(lostAfter: "60s", server: ["--webhook-host", receiver.Host]);
        cluster.ServerVariables["ARTEL_SERVER_PATH"] = Binaries.BuiltServer;
        await cluster.StartServerAsync();
        await cluster.StartNodeAsync("1", "--cpus", "4");
        await cluster.ArtelAsync(
            "schedule", "add", "tick", "--cron", "* * * * * *", "--overlap", "allow", "--cpus", "0.1", "--on-end", "sh -c 'echo $ARTEL_ENDED_JOB >> followed'",
            "--on-end-webhook", $"http://{receiver.Host}/", "--", "sh", "-c", "echo $ARTEL_JOB_ID >> ran");

        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        foreach (var point in Enum.GetValues<CrashPoint>().Where(p => p is >= CrashPoint.ScheduleDecided and < CrashPoint.NextKeyMade))
        {
            // The second time that it comes by: the first one is what the death before has left to do.
            cluster.ServerVariables["ARTEL_CRASH_AT"] = $"{(int)point}:2";
            await cluster.BeginServerAsync();
            await cluster.Server.UntilAsync(s => s.HasEnded, $"the server dies at {point}");
            var ended = await cluster.Server.EndAsync();
            Assert.True(ended.Status == Killed, $"{point}: {ended}");
        }

        cluster.ServerVariables.Remove("ARTEL_CRASH_AT");
        await cluster.StartServerAsync();
        await cluster.ArtelAsync("schedule", "pause", "tick");

        var jobs = (await Polling.UntilAsync(
            () => JobsAsync(cluster),
            all => all.All(j => State(j) == "succeeded") && all.Count(j => Name(j) == "tick") == all.Count(j => Name(j).StartsWith("on-end of", StringComparison.Ordinal)),
            "all jobs have ended, and each was followed")).ToLookup(Name);
        var ids = jobs["tick"].Select(j => j.GetProperty("id").ToString()).Order().ToArray();
        Assert.True(ids.Length >= 4, $"{ids.Length} jobs");
        Assert.Equal(ids, (await File.ReadAllLinesAsync(cluster.Folder["ran"])).Order());
        Assert.Equal(ids, (await File.ReadAllLinesAsync(cluster.Folder["followed"])).Order());
        await Eventually.Holds(
            () => ids.All(id => receiver.Calls.Any(c => c.Body.Contains($"\"id\": \"{id}\"", StringComparison.Ordinal))), "the end of each job was told",
            () => $"{receiver.Calls.Count} calls for {ids.Length} jobs");

        // It was called, and the server died before it knew: called again, and the receiver can tell.
        Assert.Contains(receiver.Calls.CountBy(c => c.Delivery), c => c.Value > 1);
        Assert.Equal(ids.Length, receiver.Calls.Select(c => c.Delivery).Distinct().Count());

        var runs = (await cluster.JsonAsync("schedule", "show", "tick")).GetProperty("runs").EnumerateArray().ToArray();
        Assert.All(runs, r => Assert.Equal("succeeded", r.GetProperty("state").GetString()));
        Assert.Equal(runs.Length, runs.Select(r => r.GetProperty("at").GetString()).Distinct().Count());
        Assert.Subset(ids.ToHashSet(), runs.Select(r => r.GetProperty("job").ToString()).ToHashSet());
        Assert.Equal(runs.Length, runs.Select(r => r.GetProperty("job").ToString()).Distinct().Count());
    }

    [Fact]
    public async Task A_call_that_a_dead_server_owes_is_made_by_the_next_and_missed_times_are_one_job()
    {
        using var closed = new ClosedPort();
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", server: ["--webhook-host", closed.Host], nodes: ["1"]);
        await cluster.ArtelAsync("schedule", "add", "run", "--cron", "* * * * * *", "--overlap", "allow", "--", "true");
        await cluster.ArtelAsync("schedule", "add", "skip", "--cron", "* * * * * *", "--overlap", "allow", "--missed", "skip", "--", "true");

        // Nothing listens there yet.
        var job = await cluster.SubmitAsync("--on-end-webhook", $"http://{closed.Host}/owed", "--", "true");
        await cluster.JobBecomesAsync(job, "succeeded");
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
        var died = TimeProvider.System.GetUtcNow();
        closed.Dispose();
        using var receiver = HookListener.Start(port: closed.Port);
        await Eventually.Holds(() => TimeProvider.System.GetUtcNow() > died.AddSeconds(3), "three times have passed");

        await cluster.StartServerAsync();

        await Eventually.Holds(() => receiver.Calls.Count > 0, "the call is made", () => cluster.Server.Errors);
        Assert.Contains($"\"id\": \"{job}\"", Assert.Single(receiver.Calls).Body, StringComparison.Ordinal);
        var made = await MissedAsync(cluster, "run");
        Assert.Equal(JsonValueKind.Number, made.GetProperty("job").ValueKind);
        var skipped = await MissedAsync(cluster, "skip");
        Assert.Equal("the server did not run then", skipped.GetProperty("reason").GetString());
    }

    /// <summary>The one run that stands for all times that were missed.</summary>
    private static async Task<JsonElement> MissedAsync(TestCluster cluster, string schedule)
    {
        var runs = await Polling.UntilAsync(
            async () => (await cluster.JsonAsync("schedule", "show", schedule)).GetProperty("runs").EnumerateArray().ToArray(),
            runs => runs.Any(r => r.GetProperty("missed").GetBoolean()), $"{schedule} has noted what it missed");
        return Assert.Single(runs, r => r.GetProperty("missed").GetBoolean());
    }

    private static async Task<JsonElement[]> JobsAsync(TestCluster cluster) =>
        [.. (await cluster.JsonAsync("ls", "--limit", "1000")).GetProperty("jobs").EnumerateArray()];

    private static string Name(JsonElement job) => job.GetProperty("name").GetString()!;

    private static string? State(JsonElement job) => job.GetProperty("state").GetString();
}
