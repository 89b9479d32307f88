using Artel.Core;
using Artel.Server.Endings;
using Artel.Server.Storage;
using Artel.Server.Tests.Storage;
using Google.Protobuf;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Endings;

/// <summary>What follows the end of a job is on disk with that end, and not without it.</summary>
public sealed class EndingRowsTests : IAsyncLifetime
{
    private const string Hook = "hooks.example.org";

    private readonly TemporaryFolder _folder = new();
    private readonly WebhookHosts _hosts = new([Hook]);
    private DataFolder? _data;
    private Database? _database;
    private SqliteStore? _store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _data = DataFolder.Open(_folder["data"]);
        _database = await Database.OpenAsync(_data, Cancellation);
        _store = new SqliteStore(_database, TimeProvider.System, document => OnEndTerms.Of(document, _hosts));
        await _store.OpenAsync(_ => throw new InvalidOperationException("there is no job yet"), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _store!.DisposeAsync();
        await _database!.DisposeAsync();
        _data!.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(V1.OnEnd.Types.When.Unspecified, JobState.Succeeded, true)]
    [InlineData(V1.OnEnd.Types.When.Always, JobState.Cancelled, true)]
    [InlineData(V1.OnEnd.Types.When.Success, JobState.Succeeded, true)]
    [InlineData(V1.OnEnd.Types.When.Success, JobState.Failed, false)]
    [InlineData(V1.OnEnd.Types.When.Success, JobState.Cancelled, false)]
    [InlineData(V1.OnEnd.Types.When.Failure, JobState.Failed, true)]
    [InlineData(V1.OnEnd.Types.When.Failure, JobState.Cancelled, true)]
    [InlineData(V1.OnEnd.Types.When.Failure, JobState.Succeeded, false)]
    public async Task What_follows_depends_on_how_it_ended(V1.OnEnd.Types.When when, JobState state, bool expected)
    {
        await SubmitAsync(1, new V1.OnEnd { Command = { "true" }, Webhook = $"https://{Hook}/", When = when });
        Assert.Equal((0, 0), await CountAsync());

        await EndAsync(1, state);

        Assert.Equal(expected ? (1, 1) : (0, 0), await CountAsync());
    }

    [Fact]
    public async Task Each_end_is_an_end_of_its_own_with_what_it_was()
    {
        await SubmitAsync(1, new V1.OnEnd { Command = { "true" } });
        await EndAsync(1, JobState.Failed, failed: 2);
        await _store!.CommitAsync([new JobReopened(new JobId(1))], Cancellation);
        await EndAsync(1, JobState.Succeeded, failed: 0);

        var rows = new EndingRows(_database!);
        var both = await rows.ListAsync(EndingKind.Command, null, 0, 10, Cancellation);

        Assert.Equal([(JobState.Failed, 2), (JobState.Succeeded, 0)], both.Select(e => (e.State, e.Counts.Failed)));
        await rows.NoteTryAsync(both[1], Cancellation);
        await rows.RemoveAsync([both[0]], Cancellation);
        Assert.Equal(both[1] with { Tries = 1 }, Assert.Single(await rows.ListAsync(EndingKind.Command, null, 0, 10, Cancellation)));
    }

    [Fact]
    public async Task Nothing_follows_a_job_that_says_nothing()
    {
        await SubmitAsync(1, null);
        await EndAsync(1, JobState.Failed);

        Assert.Equal((0, 0), await CountAsync());
    }

    private async Task<(int Commands, int Webhooks)> CountAsync()
    {
        var rows = new EndingRows(_database!);
        return ((await rows.ListAsync(EndingKind.Command, null, 0, 10, Cancellation)).Count,
            (await rows.ListAsync(EndingKind.Webhook, Hook, 0, 10, Cancellation)).Count);
    }

    private Task SubmitAsync(long job, V1.OnEnd? onEnd)
    {
        var document = new V1.Submission { User = "ada", Job = new V1.JobSpec { Tasks = { new V1.TaskTemplate { Run = { "true" } } }, OnEnd = onEnd } }.ToByteArray();
        var spec = new JobSpec("job", "ada", 0, [], [new TemplateSpec { Name = "", FirstTask = 1, Count = 1 }]);
        return _store!.CommitAsync([new JobSubmitted(new JobId(job), spec, document, "", false, DateTimeOffset.UnixEpoch)], Cancellation);
    }

    private Task EndAsync(long job, JobState state, int failed = 1) => _store!.CommitAsync(
        [new JobEnded(new JobId(job), state, new TaskCounts(1, 0, 0, 0, 0, 0, failed, 0, 0), DateTimeOffset.UnixEpoch.AddSeconds(5))], Cancellation);
}
