using Artel.Core;
using Artel.Server.Api;
using Artel.Server.Security;
using Artel.Server.Storage;
using Artel.Server.Wire;

namespace Artel.Server.People;

/// <summary>Lets callers act on jobs that are theirs. Safe from any thread.</summary>
internal sealed class JobAccess(IClusterStore store, JobDocuments documents)
{
    /// <summary>The right of the caller to act on a job. An owner never changes, so the right lasts.</summary>
    /// <exception cref="Grpc.Core.RpcException">There is no such job, or it belongs to somebody else.</exception>
    public async Task<OwnJob> RequireAsync(Principal caller, long job, CancellationToken cancellation)
    {
        var id = new JobId(job);
        var owner = documents.Find(id)?.Submission.User
            ?? (await store.GetJobAsync(id, cancellation) ?? throw Refusals.NoJob(id)).User;
        Ownership.Require(caller, owner, $"job {id}");
        return new OwnJob(id, owner);
    }
}

/// <summary>A job that the caller may act on. Actions take this in place of a number, and <see cref="JobAccess"/> alone makes it.</summary>
internal sealed class OwnJob
{
    internal OwnJob(JobId id, string owner) => (Id, Owner) = (id, owner);

    public JobId Id { get; }

    public string Owner { get; }
}
