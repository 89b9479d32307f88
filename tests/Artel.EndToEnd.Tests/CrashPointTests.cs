using System.Globalization;
using System.Text.Json;
using Artel.Server;

namespace Artel.EndToEnd.Tests;

/// <summary>
/// The server dies at each <see cref="CrashPoint"/>, at a first start, at later ones and while it works, and what is promised holds after it:
/// no job that was answered is missing, none is there twice, every task has one result, its own, and no run is hidden.
/// </summary>
public class CrashPointTests
{
    private const int Killed = 128 + 9;
    private const int Tasks = 4;

    /// <summary>So many jobs bring a server by every point.</summary>
    private const int Most = 60;

    /// <summary>It dies when it comes by for the first time, and again later, when more is under way.</summary>
    private static readonly int[] Visits = [1, 5];

    // One task with short output; two whose outputs come with their results, the second of which goes into a segment;
    // one whose output is delivered by itself. One of them fails at first.
    private const string Script = """
        echo $ARTEL_TASK_ID >> $1/runs
        case {index} in
          1) echo short;;
          2) yes 2 | head -c 12000;;
          3) yes 3 | head -c 200000;;
          4) [ $ARTEL_ATTEMPT -gt 1 ] || exit 7; yes 4 | head -c 12000;;
        esac
        """;

    public static TheoryData<int> PointsOfStart => [.. Enum.GetValues<CrashPoint>().Where(IsAtStart).Select(p => (int)p)];

    /// <summary>All but those of what a server does by itself, which need other work: see <see cref="OwnWorkCrashTests"/>.</summary>
    private static IEnumerable<CrashPoint> PointsOfWork => Enum.GetValues<CrashPoint>().Where(p => !IsAtStart(p) && p < CrashPoint.ScheduleDecided);

    [Theory]
    [MemberData(nameof(PointsOfStart))]
    public async Task What_is_promised_holds_after_the_server_died_at_its_start(int number)
    {
        RequireCrashPoints();
        var point = (CrashPoint)number;
        await using var cluster = Prepare();
        var submitted = new Submitted(cluster);

        // A new folder.
        await DieAsync(cluster, point, 1, submitted);

        // A folder with work in it.
        await StartWorkAsync(cluster, submitted);
        if (point != CrashPoint.SchemaChanged)
        {
            await DieAsync(cluster, point, 1, submitted);
        }

        await StartAsync(cluster);
        await submitted.CheckAsync();
    }

    /// <summary>All in one folder: every death leaves the next server what it had under way.</summary>
    [Fact]
    public async Task What_is_promised_holds_after_the_server_died_at_each_point_of_its_work()
    {
        RequireCrashPoints();
        await using var cluster = Prepare();
        var submitted = new Submitted(cluster);
        await StartWorkAsync(cluster, submitted);
        foreach (var point in PointsOfWork)
        {
            foreach (var visit in Visits)
            {
                await DieAsync(cluster, point, visit, submitted);
            }
        }

        await StartAsync(cluster);
        await submitted.CheckAsync();
    }

    private static bool IsAtStart(CrashPoint point) => point <= CrashPoint.AccessFileWritten;

    private static void RequireCrashPoints()
    {
#if !CRASH_POINTS
        Assert.Skip("only debug builds of the server have crash points");
#endif
    }

    private static TestCluster Prepare()
    {
        var cluster = TestCluster.Prepare(lostAfter: "60s");
        cluster.ServerVariables["ARTEL_SERVER_PATH"] = Binaries.BuiltServer;
        return cluster;
    }

    private static Task StartAsync(TestCluster cluster)
    {
        cluster.ServerVariables.Remove("ARTEL_CRASH_AT");
        return cluster.StartServerAsync();
    }

    /// <summary>Leaves a killed server's folder with a job in it, and a node that waits for the next server.</summary>
    private static async Task StartWorkAsync(TestCluster cluster, Submitted submitted)
    {
        await StartAsync(cluster);
        await cluster.StartNodeAsync("1", "--cpus", "4");
        await submitted.OneMoreAsync();
        cluster.Server.Signal("KILL");
        await cluster.Server.EndAsync();
    }

    /// <summary>Starts the server, gives it work until it dies, or tells it to stop where it is to die then.</summary>
    private static async Task DieAsync(TestCluster cluster, CrashPoint point, int visit, Submitted submitted)
    {
        var isAtStop = point >= CrashPoint.StopBegun;
        cluster.ServerVariables["ARTEL_CRASH_AT"] = string.Create(CultureInfo.InvariantCulture, $"{(int)point}:{(isAtStop ? 1 : visit)}");
        await cluster.BeginServerAsync();
        if (!IsAtStart(point))
        {
            await cluster.Server.UntilAsync(s => s.HasEnded || s.Output.Contains('\n', StringComparison.Ordinal), "the server listens, or dies");
            for (var jobs = 0; !cluster.Server.HasEnded && jobs < (isAtStop ? visit : Most); jobs++)
            {
                await submitted.OneMoreAsync();
            }

            if (isAtStop)
            {
                cluster.Server.Signal("TERM");
            }
            else
            {
                // The node may take longer to come back than so many submits do.
                await cluster.Server.UntilAsync(s => s.HasEnded, $"the server comes by {point} for the {visit}. time");
            }
        }

        var ended = await cluster.Server.EndAsync();
        Assert.True(ended.Status == Killed, $"{point}, {visit}. time: {ended}");
    }

    /// <summary>What was given to the cluster, and what was answered.</summary>
    private sealed class Submitted(TestCluster cluster)
    {
        private readonly List<string> _acknowledged = [];
        private RunningProgram? _unanswered;
        private int _count;

        /// <summary>Submits a job, whatever comes of it. One whose server dies over it goes on asking, as it does for people.</summary>
        public async Task OneMoreAsync()
        {
            await AwaitUnansweredAsync();
            _count++;
            _unanswered = cluster.BeginArtel(
                "submit", "--name", $"job-{_count}", "--array", $"1-{Tasks}", "--retries", "1", "--backoff", "10ms", "--cpus", "0.5",
                "--", "sh", "-c", Script, "sh", cluster.Folder.Path);
            await _unanswered.UntilAsync(s => s.HasEnded || cluster.Server.HasEnded, "the job is answered, or its server dies");
        }

        public async Task CheckAsync()
        {
            await AwaitUnansweredAsync();
            var jobs = (await cluster.JsonAsync("ls", "--limit", "1000")).GetProperty("jobs").EnumerateArray().ToArray();
            var ids = jobs.Select(j => j.GetProperty("id").ToString()).ToArray();
            var names = jobs.Select(j => j.GetProperty("name").GetString()).ToArray();
            Assert.NotEmpty(_acknowledged);
            Assert.Superset(_acknowledged.ToHashSet(), ids.ToHashSet());
            Assert.Equal(_acknowledged.Count, _acknowledged.Distinct().Count());
            Assert.Equal(names.Length, names.Distinct().Count());
            Assert.InRange(names.Length, _acknowledged.Count, _count);

            await cluster.ArtelAsync(["wait", .. ids]);
            await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (job, _) => await CheckAsync(job));

            // The node was never lost. Each run is of a lease that was stored before the node was told of it: none is more than there should be.
            var runs = (await File.ReadAllLinesAsync(cluster.Folder["runs"])).CountBy(task => task).ToDictionary();
            Assert.Equal(ids.Length * Tasks, runs.Count);
            Assert.All(runs, run => Assert.Equal(run.Key.EndsWith(".4", StringComparison.Ordinal) ? 2 : 1, run.Value));
        }

        private async Task CheckAsync(string job)
        {
            var folder = cluster.Folder["results-" + job];
            await cluster.ArtelAsync("fetch", job, "--to", folder);
            string[] expected = ["short\n", Repeated("2\n", 12_000), Repeated("3\n", 200_000), Repeated("4\n", 12_000)];
            var ended = (await File.ReadAllLinesAsync(Path.Combine(folder, "results.jsonl"))).Select(l => JsonSerializer.Deserialize<JsonElement>(l))
                .Select(t => $"{t.GetProperty("task")} {t.GetProperty("state")} {t.GetProperty("attempt_count")}").Order();
            Assert.Equal(["1 succeeded 1", "2 succeeded 1", "3 succeeded 1", "4 succeeded 2"], ended);
            for (var task = 1; task <= Tasks; task++)
            {
                Assert.Equal(expected[task - 1], await File.ReadAllTextAsync(Path.Combine(folder, "1", $"out{task}.txt")));
            }
        }

        private async Task AwaitUnansweredAsync()
        {
            if (_unanswered is null)
            {
                return;
            }

            var ended = await _unanswered.EndAsync();
            await _unanswered.DisposeAsync();
            _unanswered = null;
            Assert.True(ended.Status is 0 or 3, ended.ToString());
            if (ended.Status == 0)
            {
                _acknowledged.Add(ended.Output.Trim());
            }
        }

        private static string Repeated(string text, int length) => string.Concat(Enumerable.Repeat(text, length / text.Length));
    }
}
