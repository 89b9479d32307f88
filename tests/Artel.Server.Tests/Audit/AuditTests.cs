using Artel.Protocol.V1;
using Artel.Server.Audit;
using Artel.Server.Storage;
using Artel.Server.Tests.Api;
using Artel.Server.Tests.Storage;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using AuditRecord = Artel.Protocol.V1.AuditRecord;
using Task = System.Threading.Tasks.Task;

namespace Artel.Server.Tests.Audit;

/// <summary>Who did what is recorded, and stays.</summary>
public sealed class AuditTests
{
    /// <summary>Calls that only read. Every other call of the descriptor must say what it is about.</summary>
    private static readonly string[] Reads =
    [
        "GetStatus", "ListJobs", "GetJob", "WatchJob", "ListTasks", "GetTask", "Explain", "ReadOutput", "FetchResults",
        "ListNodes", "GetNode", "ListTokens", "WatchEvents", "ListLimits", "ListQuotas", "GroupFailures", "GetJobStats",
        "ListSchedules", "GetSchedule", "GetHistory", "GetTaskMap", "ListTemplates", "ListAttempts", "GetJobSpec", "FindInOutput",
        "GetSettings", "GetUsage", "ListAudit", "CheckPlaces", "Connect", "Tail",
    ];

    [Fact]
    public void Every_call_that_changes_something_is_recorded() => Assert.Equal(
        Cluster.Descriptor.Methods.Concat(NodeLink.Descriptor.Methods).Select(m => m.Name).Except(Reads).Order(),
        AuditRules.Calls.Order());

    [Fact]
    public async Task Changes_refusals_logins_and_joins_are_recorded_and_reads_and_secrets_are_not()
    {
        await using var server = await LiveServer.StartAsync();
        var ada = await server.ClientAsync(Role.User, "ada");
        var eve = await server.ClientAsync(Role.Viewer, "eve");
        var sums = new JobSpec { Name = "sums", Tasks = { new TaskTemplate { Run = { "echo", "s3cret" }, Env = { ["PASS"] = "s3cret" } } } };
        var job = await server.SubmitAsync(sums, ada);
        await ada.GetJobAsync(new GetJobRequest { Job = job });
        await ada.CancelAsync(new JobAction { Job = job });
        await RefusedAsync(() => eve.CancelAsync(new JobAction { Job = job }).ResponseAsync);
        await RefusedAsync(() => eve.ListTokensAsync(new ListTokensRequest()).ResponseAsync);
        await RefusedAsync(() => new Cluster.ClusterClient(server.Nobody()).GetStatusAsync(new GetStatusRequest()).ResponseAsync);
        await RefusedAsync(() => ada.CancelAsync(new JobAction { Job = 99 }).ResponseAsync);
        await server.SessionAsync(Role.User, "bob");
        await server.JoinAsync("n1");

        var records = await ReadAsync(server, new ListAuditRequest { Limit = 1000 });

        Assert.Contains(records, r => r is { Call: "Submit", User: "ada", Subject: "job 'sums'", Outcome: "ok", Address: "127.0.0.1" }
            && r.Detail == $"job {job}, 1 tasks");
        Assert.Contains(records, r => r is { Call: "Cancel", User: "ada", Outcome: "ok", Token.Length: > 0 } && r.Subject == $"job {job}");
        Assert.Contains(records, r => r is { Call: "Cancel", User: "ada", Outcome: "not_found", Subject: "job 99" });
        Assert.Contains(records, r => r is { Call: "Cancel", User: "eve", Outcome: "permission_denied" });
        Assert.Contains(records, r => r is { Call: "ListTokens", User: "eve", Outcome: "permission_denied" });
        Assert.Contains(records, r => r is { Call: "GetStatus", User: "", Outcome: "unauthenticated" });
        Assert.Contains(records, r => r is { Call: "OpenSession", User: "bob", Outcome: "ok" });
        Assert.Contains(records, r => r is { Call: "Join", User: "join-n1", Subject: "node n1", Outcome: "ok" });
        Assert.Contains(records, r => r is { Call: "server start", Outcome: "ok" });
        Assert.DoesNotContain(records, r => r is { Call: "GetJob" } || r.ToString().Contains("s3cret", StringComparison.Ordinal));
        var failed = await ReadAsync(server, new ListAuditRequest { Outcome = "failed", User = "eve" });
        Assert.Equal(["ListTokens", "Cancel"], failed.Select(r => r.Call));
    }

    [Fact]
    public async Task Pages_of_records_are_the_log_without_gaps()
    {
        await using var server = await LiveServer.StartAsync();
        for (var i = 0; i < 25; i++)
        {
            await server.Admin.SetLimitAsync(new SetLimitRequest { Tag = $"tag{i}", Most = i + 1 });
        }

        var whole = await ReadAsync(server, new ListAuditRequest { Call = "setlimit" });
        var paged = new List<AuditRecord>();
        ListAuditReply page;
        do
        {
            page = await server.Admin.ListAuditAsync(
                new ListAuditRequest { Call = "SetLimit", Limit = 4, Before = paged.LastOrDefault()?.Position ?? 0 });
            paged.AddRange(page.Records);
        }
        while (page.More);

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"limit tag{i}={i + 1}").Reverse(), whole.Select(r => r.Subject));
        Assert.Equal(whole, paged);
        Assert.Empty(await ReadAsync(server, new ListAuditRequest { Call = "SetLimit", Until = whole[^1].At }));
        Assert.Equal(25, (await ReadAsync(server, new ListAuditRequest { Call = "SetLimit", Since = whole[^1].At })).Count);
    }

    [Fact]
    public async Task Only_the_dashboard_says_for_which_browser_it_calls()
    {
        await using var server = await LiveServer.StartAsync();
        var forged = new Metadata { { "artel-browser", "00 203.0.113.7" }, };

        await server.Admin.SetLimitAsync(new SetLimitRequest { Tag = "db", Most = 1 }, forged);

        Assert.Equal("127.0.0.1", Assert.Single(await ReadAsync(server, new ListAuditRequest { Call = "SetLimit" })).Address);
    }

    [Fact]
    public async Task A_call_whose_record_cannot_be_written_is_not_answered_as_if_it_could()
    {
        using var folder = new TemporaryFolder();
        await using var live = await LiveStore.OpenAsync(folder.Path);
        using var log = new AuditLog(live.Database, TimeSpan.FromDays(1), TimeProvider.System);
        var call = log.Begin(new AuditEntry("Cancel", "127.0.0.1", "job 1"));
        live.Database.Fail(new SqliteException("disk I/O error", 10));

        await Assert.ThrowsAsync<StoreException>(() => log.AnswerAsync(call, AuditOutcome.Ok, ""));
    }

    [Fact]
    public async Task A_record_goes_with_the_transaction_of_its_change_and_not_without_it()
    {
        using var folder = new TemporaryFolder();
        await using var live = await LiveStore.OpenAsync(folder.Path);
        using var log = new AuditLog(live.Database, TimeSpan.FromDays(1), TimeProvider.System);
        var call = log.Begin(new AuditEntry("Cancel", "127.0.0.1", "job 1"));

        await Assert.ThrowsAnyAsync<Exception>(() =>
            live.Database.WriteAsync<bool>(_ => throw new InvalidOperationException("no change"), CancellationToken.None));
        Assert.False(call.Begun!.IsDurable);
        Assert.Empty(await RecordsAsync(live.Database));

        await live.Database.WriteAsync(_ => true, CancellationToken.None);
        Assert.True(call.Begun!.IsDurable);
        Assert.Equal(AuditOutcome.Unknown, Assert.Single(await RecordsAsync(live.Database)).Outcome);
    }

    [Fact]
    public void A_flood_of_refusals_takes_few_rows_and_the_rest_is_counted()
    {
        var throttle = new RefusalThrottle();

        var recorded = Enumerable.Range(0, 5000).Count(_ => throttle.Admits("10.0.0.1"));

        Assert.Equal(RefusalThrottle.MostOfOne, recorded);
        Assert.Equal([("10.0.0.1", 5000L - RefusalThrottle.MostOfOne)], throttle.Turn());
        Assert.InRange(
            Enumerable.Range(0, 100_000).Count(i => throttle.Admits($"host {i}")),
            1,
            RefusalThrottle.MostAddresses + RefusalThrottle.MostOfOne);
    }

    [Theory]
    [InlineData("UPDATE audit SET user = 'mallory'")]
    [InlineData("DELETE FROM audit WHERE position = 2")]
    [InlineData("INSERT OR REPLACE INTO audit(position, at, call) VALUES(1, 0, '')")]
    [InlineData("DELETE FROM audit_first")]
    [InlineData("UPDATE audit_first SET first = 0")]
    public async Task The_table_refuses_all_but_appending(string sql)
    {
        using var folder = new TemporaryFolder();
        await using var live = await LiveStore.OpenAsync(folder.Path);
        await AppendAsync(live.Database, [.. Enumerable.Range(0, 3).Select(i => DateTimeOffset.UnixEpoch.AddDays(i))]);

        var refused = await Assert.ThrowsAsync<DataRefusedException>(
            () => live.Database.WriteAsync(c => c.Execute(sql), CancellationToken.None));

        Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_oldest_rows_go_and_positions_are_not_given_twice()
    {
        using var folder = new TemporaryFolder();
        await using var live = await LiveStore.OpenAsync(folder.Path);
        await AppendAsync(live.Database, [.. Enumerable.Range(0, 500).Select(i => DateTimeOffset.UnixEpoch.AddDays(i + 1))]);

        var first = await live.Database.ReadAsync(c => AuditRows.FirstSince(c, DateTimeOffset.UnixEpoch.AddDays(401)), CancellationToken.None);
        Assert.Equal(401, first);
        Assert.Equal(300, await live.Database.WriteAsync(c => AuditRows.DropBefore(c, first, 300), CancellationToken.None));
        Assert.Equal(100, await live.Database.WriteAsync(c => AuditRows.DropBefore(c, first, 300), CancellationToken.None));
        Assert.Equal(0, await live.Database.WriteAsync(c => AuditRows.DropBefore(c, first, 300), CancellationToken.None));
        Assert.Equal(Enumerable.Range(401, 100).Reverse().Select(i => (long)i), (await RecordsAsync(live.Database)).Select(r => r.Position));
        Assert.Equal(99, await live.Database.WriteAsync(c => AuditRows.DropBefore(c, 1000, 300), CancellationToken.None));
        Assert.Equal(501, await AppendAsync(live.Database, DateTimeOffset.UnixEpoch.AddDays(900)));
    }

    private static Task<long> AppendAsync(Database database, params DateTimeOffset[] times) => database.WriteAsync(
        connection =>
        {
            using var writer = new AuditWriter();
            var entry = new AuditEntry("Cancel", "127.0.0.1", "job 1");
            return times.Select(at => writer.Append(connection, new AuditRow(entry, at) { Outcome = AuditOutcome.Ok })).ToArray()[^1];
        },
        CancellationToken.None);

    private static Task<List<Server.Audit.AuditRecord>> RecordsAsync(Database database) => database.ReadAsync(
        c => AuditRows.Read(c, new AuditQuery(long.MaxValue, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, "", "", "", 1000)),
        CancellationToken.None);

    private static async Task<IReadOnlyList<AuditRecord>> ReadAsync(LiveServer server, ListAuditRequest request) =>
        (await server.Admin.ListAuditAsync(request)).Records;

    private static Task RefusedAsync(Func<Task> call) => Assert.ThrowsAsync<RpcException>(call);
}
