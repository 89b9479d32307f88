using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Artel.EndToEnd.Tests;

/// <summary>What a server tells of itself, as docs/metrics.md has it.</summary>
public sealed partial class MetricsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scrape_has_what_has_happened_and_all_that_the_documentation_and_the_dashboard_name()
    {
        await using var cluster = await TestCluster.StartAsync(lostAfter: "60s", nodes: ["1", "2"]);
        await cluster.ArtelAsync("run", "--array", "1-20", "--", "printf", "12345");
        await cluster.TryArtelAsync("run", "--retries", "1", "--backoff", "10ms", "--", "sh", "-c", "exit 3");
        await cluster.SubmitAsync("--array", "1-7", "--hold", "--", "true");
        var running = await cluster.SubmitAsync("--", "sh", "-c", $"while [ ! -e {cluster.Folder["go"]} ]; do sleep 0.05; done");
        await cluster.JobBecomesAsync(running, "running");
        using var http = JsonApiTests.Open(cluster, await cluster.TokenAsync("viewer"));

        // The node says that a process runs a moment after the job is seen to.
        var scrape = await Polling.UntilAsync(
            async () => new Scrape(await http.GetStringAsync("/metrics", Cancellation)), s => s["artel_tasks", "artel_task_state", "running"] == 1, "one task runs");

        Assert.Equal(20, scrape["artel_task_attempts_total", "artel_attempt_outcome", "succeeded"]);
        Assert.Equal(2, scrape["artel_task_attempts_total", "artel_attempt_outcome", "failed"]);
        Assert.Equal((20, 1), (scrape["artel_task_ended_total", "artel_task_state", "succeeded"], scrape["artel_task_ended_total", "artel_task_state", "failed"]));
        Assert.Equal(1, scrape["artel_task_retries_total"]);
        Assert.Equal(22, scrape["artel_usage_attempts_total"]);
        Assert.Equal((4, 1, 1), (scrape["artel_job_submitted_total"], scrape["artel_job_ended_total", "artel_job_state", "succeeded"], scrape["artel_job_ended_total", "artel_job_state", "failed"]));
        Assert.Equal((100, 0), (scrape["artel_task_output_bytes_total", "artel_stream", "stdout"], scrape["artel_task_output_bytes_total", "artel_stream", "stderr"]));
        Assert.Equal((20, 2), (scrape["artel_task_duration_seconds_count", "artel_attempt_outcome", "succeeded"], scrape["artel_task_duration_seconds_count", "artel_attempt_outcome", "failed"]));
        Assert.InRange(scrape["artel_task_duration_seconds_sum"], 0.0001, 60);
        Assert.Equal(22, scrape["artel_task_wait_seconds_count"]);
        Assert.Equal(22, scrape["artel_process_spawn_duration_seconds_count"]);
        Assert.Equal(23 + scrape["artel_lease_returned_total"], scrape["artel_lease_granted_total"]);
        Assert.Equal(scrape["artel_lease_granted_total"], scrape["artel_task_dispatch_duration_seconds_count"]);
        Assert.Equal((7, 0, 0), (scrape["artel_tasks", "artel_task_state", "ready"], scrape["artel_tasks", "artel_task_state", "waiting"], scrape["artel_tasks", "artel_task_state", "leased"]));
        Assert.Equal((1, 1), (scrape["artel_jobs", "artel_job_state", "held"], scrape["artel_jobs", "artel_job_state", "running"]));
        Assert.Equal(2, scrape["artel_nodes", "artel_node_condition", "connected"]);
        Assert.Equal((1, 1), (scrape["artel_node_tasks"], scrape["artel_node_cpu_allocated"]));
        Assert.InRange(scrape["artel_node_cpu_limit", "artel_node_id", "1"], 1, 1024);
        Assert.InRange(scrape["artel_commit_duration_seconds_count"], 5, 1000);
        Assert.Equal(scrape["artel_commit_duration_seconds_count"], scrape["artel_commit_changes_count"]);
        Assert.Equal(0, scrape["artel_lease_refused_total"]);
        foreach (var (name, labels) in Documented())
        {
            var series = scrape.Names.Contains(name) ? name : name + "_count";
            Assert.True(scrape.Names.Contains(series), $"{name} stands in docs/metrics.md and is not there");
            Assert.Equal(labels, scrape.LabelsOf(series));
        }

        foreach (var metric in Queried())
        {
            Assert.True(scrape.Names.Contains(metric), $"{metric} stands in docs/grafana-dashboard.json and is not there");
        }

        // A histogram goes on from where it was.
        cluster.Folder.Write("go", "");
        await cluster.ArtelAsync("wait", running);
        Assert.Equal(21, new Scrape(await http.GetStringAsync("/metrics", Cancellation))["artel_task_duration_seconds_count", "artel_attempt_outcome", "succeeded"]);
    }

    [Fact]
    public async Task Metrics_are_for_who_may_look_and_readiness_is_for_everyone()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var http = JsonApiTests.Open(cluster, await cluster.AdminTicketAsync());
        var viewer = await cluster.TokenAsync("viewer");

        await IsAsync(null, HttpStatusCode.Unauthorized, "metrics need a token: 'authorization: Bearer TOKEN', of 'artel token create --role viewer'\n");
        await IsAsync("nonsense", HttpStatusCode.Unauthorized, "this cluster does not know this token\n");
        await IsAsync(await cluster.TokenAsync("node"), HttpStatusCode.Forbidden, "metrics need the role viewer; this is a node's credential\n");
        await IsAsync(viewer, HttpStatusCode.OK, null);
        await IsAsync(await cluster.TokenAsync("user"), HttpStatusCode.OK, null);
        await IsAsync(await cluster.AdminTicketAsync(), HttpStatusCode.OK, null);
        http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal("ready\n", await http.GetStringAsync("/readyz", Cancellation));

        async Task IsAsync(string? token, HttpStatusCode status, string? says)
        {
            http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.GetAsync("/metrics", Cancellation);
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {text}");
            Assert.Equal(says ?? text, text);
            Assert.Equal(says is null, text.Contains("artel_tasks{", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_server_whose_disk_is_full_is_not_ready()
    {
        using var disk = SmallDisk.Mount(megabytes: 12);
        await using var cluster = await TestCluster.StartAsync(data: Path.Combine(disk.Path, "data"));
        using var http = JsonApiTests.Open(cluster, await cluster.AdminTicketAsync());
        Assert.Equal("ready\n", await http.GetStringAsync("/readyz", Cancellation));

        disk.Fill(leaveKibibytes: 128);

        var full = await Polling.UntilAsync(AskAsync, a => a.Status == HttpStatusCode.ServiceUnavailable, "it is not ready");
        Assert.Matches($"^the disk of {disk.Path}/data has .* left and a reserve of .*: no task is started and no job accepted", full.Text);
        disk.MakeRoom();
        await Polling.UntilAsync(AskAsync, a => a.Text == "ready\n", "it is ready again");

        async Task<(HttpStatusCode Status, string Text)> AskAsync()
        {
            using var answer = await http.GetAsync("/readyz", Cancellation);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        }
    }

    [Fact]
    public async Task A_collector_gets_the_same_metrics()
    {
        using var collector = new OtlpReceiver();
        await using var cluster = TestCluster.Prepare();
        foreach (var (name, value) in collector.Variables)
        {
            cluster.ServerVariables[name] = value;
        }

        await cluster.StartServerAsync();
        await cluster.StartNodeAsync("1");
        await cluster.ArtelAsync("run", "--", "true");

        await Polling.UntilAsync(
            () => Task.FromResult(collector.Metrics), m => m.Contains("artel.tasks") && m.Contains("artel.task.duration") && m.Contains("dotnet.gc.collections"), "metrics have come");
    }

    /// <summary>Names and labels of docs/metrics.md, as Prometheus has them.</summary>
    private static IEnumerable<(string Name, IReadOnlySet<string> Labels)> Documented()
    {
        var rows = File.ReadLines(Path.Combine(Binaries.Repository, "docs", "metrics.md")).Select(l => Row().Match(l)).Where(m => m.Success).ToList();
        Assert.True(rows.Count > 20, $"docs/metrics.md lists {rows.Count} metrics");
        return rows.Select(m => (m.Groups["name"].Value, (IReadOnlySet<string>)m.Groups["label"].Captures.Select(c => c.Value.Replace('.', '_')).ToHashSet()));
    }

    /// <summary>Metrics that the dashboard asks for.</summary>
    private static HashSet<string> Queried()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Binaries.Repository, "docs", "grafana-dashboard.json")));
        var queries = dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(p => p.TryGetProperty("targets", out _))
            .SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!).ToList();
        var metrics = queries.SelectMany(q => Metric().Matches(q)).Select(m => m.Value).ToHashSet();
        Assert.True(queries.Count > 30 && metrics.Count > 25, $"{queries.Count} queries of {metrics.Count} metrics");
        return metrics;
    }

    [GeneratedRegex(@"^\| `artel\.[\w.]+` \| `(?<name>\w+)` \| `\S+` \| [\w -]+ \| (`(?<label>[\w.]+)`)? *\|")]
    private static partial Regex Row();

    // Not labels, which have no braces behind them.
    [GeneratedRegex(@"\b(artel|dotnet)_\w+(?=\{)")]
    private static partial Regex Metric();
}
