using System.Runtime.CompilerServices;
using Artel.Cli.Access;
using Artel.Protocol.V1;

namespace Artel.Cli.Selecting;

/// <summary>Jobs that fit, a page at a time, as the server gives them.</summary>
internal static class JobPages
{
    public const int FirstPage = 100;

    private const int MostInPage = 1000;

    /// <param name="request">Where it begins; moved on from page to page.</param>
    /// <param name="limit">Most jobs in all.</param>
    public static async IAsyncEnumerable<(IReadOnlyList<Job> Jobs, bool More)> ReadAsync(
        ClusterSession session, ListJobsRequest request, long limit, [EnumeratorCancellation] CancellationToken ct)
    {
        // The first page of a long list is a short one: it is what is looked at.
        var most = FirstPage;
        for (var left = limit; left > 0;)
        {
            request.Limit = (int)Math.Min(left, most);
            most = MostInPage;
            var page = await session.Client.ListJobsAsync(request, session.Question(ct));
            yield return (page.Jobs, page.More);
            left -= page.Jobs.Count;
            if (!page.More || page.Jobs.Count == 0)
                yield break;

            request.Before = page.Jobs[^1].Id;
        }
    }

    public static async Task<List<Job>> ReadAllAsync(ClusterSession session, JobFilter filter, CancellationToken ct)
    {
        var all = new List<Job>();
        await foreach (var (jobs, _) in ReadAsync(session, filter.ToRequest(), long.MaxValue, ct))
            all.AddRange(jobs);

        return all;
    }
}
