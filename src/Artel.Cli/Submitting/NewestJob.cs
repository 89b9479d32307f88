using Artel.Cli.Access;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>Finds the job that <c>last</c> stands for.</summary>
internal static class NewestJob
{
    /// <summary>The newest job of the one who asks.</summary>
    public static async Task<long> FindAsync(ClusterSession session, CancellationToken ct)
    {
        var reply = await session.Client.ListJobsAsync(new ListJobsRequest { Mine = true, Limit = 1 }, session.Question(ct));
        return reply.Jobs.Count > 0
            ? reply.Jobs[0].Id
            : throw CommandFailure.WrongUsage("'last' is the newest job of yours, and you have none: submit one first");
    }
}
