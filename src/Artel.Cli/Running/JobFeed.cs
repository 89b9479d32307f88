using System.Runtime.CompilerServices;
using Artel.Cli.Access;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Running;

/// <summary>A job as it changes, until it has ended, over restarts of the server.</summary>
internal static class JobFeed
{
    public static async IAsyncEnumerable<Job> WatchAsync(
        ClusterSession session, long job, Action<string> tell, TimeProvider clock, [EnumeratorCancellation] CancellationToken ct)
    {
        var persistence = new Persistence(session, job, tell, clock);
        while (true)
        {
            using var call = session.Client.WatchJob(new GetJobRequest { Job = job }, ClusterSession.Stream(ct));
            while (true)
            {
                Job next;
                try
                {
                    if (!await call.ResponseStream.MoveNext(ct))
                        throw new RpcException(new Status(StatusCode.Unavailable, "the server ended the watch before the job"));

                    next = call.ResponseStream.Current;
                }
                catch (RpcException e)
                {
                    await persistence.AfterAsync(e, ct);
                    break;
                }

                persistence.Heard();
                yield return next;
                if (JobText.HasEnded(next.State))
                    yield break;
            }
        }
    }
}
