using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

/// <summary>
/// What every store must do, told through its interface alone. A subclass says how its store is opened; each test begins with an
/// empty one.
/// </summary>
public abstract partial class ClusterStoreConformance : IAsyncLifetime
{
    private IClusterStore? _store;

    private protected Story Story { get; } = new();

    private protected IClusterStore Store => _store!;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        await Store.OpenAsync(Story.ReadSpec, Cancellation);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Store.DisposeAsync();
    }

    /// <summary>A store, not yet open, over what the one before it stored.</summary>
    private protected abstract Task<IClusterStore> OpenAsync();

    /// <summary>Commits what was told since the last commit.</summary>
    private protected Task Commit() => Store.CommitAsync(Story.Take(), Cancellation);

    /// <summary>Closes the store and opens it again.</summary>
    private protected async Task<ClusterSnapshot> Reopen()
    {
        await Store.DisposeAsync();
        _store = await OpenAsync();
        var snapshot = await Store.OpenAsync(Story.ReadSpec, Cancellation);
        Story.Restart(snapshot.Epoch);
        return snapshot;
    }

    /// <summary>Commits, opens the store again, and finds everything that was told.</summary>
    private protected async Task<ClusterSnapshot> CommitAndFindAllAgain()
    {
        await Commit();
        var snapshot = await Reopen();
        Assert.Equal(Written.Of(Story.Reference), Written.Of(snapshot));
        foreach (var job in Story.Reference.Jobs.Values)
        {
            await FindsAll(job);
        }

        return snapshot;
    }

    // Everything that queries give of a job.
    private async Task FindsAll(JobModel job)
    {
        var (id, all) = (job.Made.Job, new TaskRange(1, job.Tasks.Length));
        var loaded = await Store.LoadJobAsync(id, Cancellation);
        Assert.Equal(Written.Of(Story.Reference, job), Written.Of(loaded!));
        Assert.Equal(
            job.Attempts.OrderBy(attempt => (attempt.Task.Number, attempt.Attempt)).Select(Written.Of),
            (await Store.ListAttemptsAsync(id, all, Cancellation)).Select(Written.Of));
        Assert.Equal(
            job.Tasks.Where(task => task.EndedBy is not null).Select(task => task.EndedBy!).OrderBy(attempt => attempt.Position).Select(Written.Of),
            (await Store.ListEndedAsync(id, 0, int.MaxValue, null, Cancellation)).Select(Written.Of));
        Assert.Equal(
            job.Tasks.Where(task => task.EndedWithout is not null)
                .Select(task => (task.Number, task.Ended!.Value, task.EndedWithout!.Value.Reason, task.EndedWithout!.Value.At)),
            (await Store.ListEndsAsync(id, all, Cancellation))
                .SelectMany(end => Enumerable.Range(end.Tasks.First, end.Tasks.Count).Select(task => (task, end.State, end.Reason, end.At))));
        var tallies = job.Attempts.GroupBy(attempt => attempt.Node).OrderBy(node => node.Key).Select(node => new NodeTally(
            node.Key,
            node.Count(attempt => attempt.Result.Outcome == AttemptOutcome.Succeeded),
            node.Count(attempt => attempt.Result.Outcome.IsFailure()))).ToList();
        Assert.Equal(tallies, await Store.TallyNodesAsync(id, Cancellation));
        Assert.Equal(tallies, loaded!.Shares);
        Assert.Equal(Written.Of(Stored(job)), Written.Of((await Store.GetJobAsync(id, Cancellation))!));
    }

    private static StoredJob Stored(JobModel job) => new(
        job.Made.Job, job.Spec.Name, job.Made.Spec.User, job.Priority, job.End?.State ?? JobState.Running, job.Held,
        job.Document, job.Made.At, job.Started, job.End?.At, job.End?.Counts ?? default)
    {
        Tags = job.Made.Spec.Tags,
    };
}
