using Artel.Cli.Access;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>Finds the job that <c>last</c> stands for.</summary>
internal static class NewestJob
{
    private const int Page = 1000;

    /// <summary>The newest job of the one who asks.</summary>
    public static async Task<long> FindAsync(ClusterSession session, CancellationToken ct)
    {
        var user = (await session.Client.GetStatusAsync(new GetStatusRequest(), session.Question(ct))).User;
        var before = 0L;
        while (true)
        {
            var page = await session.Client.ListJobsAsync(new ListJobsRequest { Before = before, Limit = before == 0 ? 1 : Page }, session.Question(ct));
            if (page.Jobs.FirstOrDefault(j => j.User == user) is { } job)
                return job.Id;

            if (!page.More || page.Jobs.Count == 0)
                throw CommandFailure.WrongUsage("'last' is the newest job of yours, and you have none: submit one first");

            before = page.Jobs[^1].Id;
        }
    }
}
