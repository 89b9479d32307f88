using Grpc.Core;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>What came of the same action on several jobs.</summary>
/// <param name="Done">How many it was done to.</param>
/// <param name="Failures">The others, with why not, by their ids.</param>
internal sealed record BulkOutcome(int Done, IReadOnlyList<(long Job, string Why)> Failures)
{
    /// <summary>Under way at the same time: fast for fifty jobs, and nothing that others would notice.</summary>
    private const int AtOnce = 4;

    /// <summary>Does it to each; one that fails keeps no other from it.</summary>
    /// <param name="act">Says why there was nothing to do; null where it was done.</param>
    public static async Task<BulkOutcome> OfAsync(IReadOnlyCollection<long> jobs, Func<long, CancellationToken, Task<string?>> act, CancellationToken cancellation)
    {
        var done = 0;
        var failures = new SortedDictionary<long, string>();
        using var places = new SemaphoreSlim(AtOnce);
        await Task.WhenAll(jobs.Select(OneAsync));
        return new BulkOutcome(done, [.. failures.Select(f => (f.Key, f.Value))]);

        // On the page's own thread of control, so that what it counts needs no lock.
        async Task OneAsync(long job)
        {
            await places.WaitAsync(cancellation);
            try
            {
                if (await act(job, cancellation) is { } why)
                {
                    failures[job] = why;
                }
                else
                {
                    done++;
                }
            }
            catch (RpcException e)
            {
                cancellation.ThrowIfCancellationRequested();
                failures[job] = e.Status.Detail;
            }
            finally
            {
                places.Release();
            }
        }
    }
}
