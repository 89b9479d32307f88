using Artel.Core;
using Artel.Server.People;
using Artel.Server.Wire;

namespace Artel.Server.Api;

/// <summary>A job as it was submitted, and what one who asks sees of it.</summary>
internal sealed record SeenJob(JobId Id, JobDocument Document, Sight Sight)
{
    /// <summary>Refuses to answer with what is inside the job, unless it is shown.</summary>
    /// <param name="what">What is asked for, <c>the output</c>.</param>
    /// <exception cref="Grpc.Core.RpcException">It is hidden.</exception>
    public void RequireInside(string what)
    {
        if (!Sight.ShowsInside)
        {
            throw Ownership.Hidden($"{what} of job {Id}", Sight.Owner);
        }
    }
}
