using Artel.Cli.Access;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Submitting;

/// <summary>Hands a job over to the cluster, once: a repeated request is known by its id.</summary>
internal static class Submitter
{
    private const int Tries = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public static async Task<SubmitReply> SubmitAsync(ClusterSession session, JobSpec job, TimeProvider clock, CancellationToken ct)
    {
        var request = new SubmitRequest { Job = job, RequestId = Guid.NewGuid().ToString("N") };
        RpcException? said = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await session.Client.SubmitAsync(request, session.Question(ct));
            }
            catch (RpcException e) when (attempt < Tries && !ct.IsCancellationRequested && RpcFailure.WasCutOff(e))
            {
                // Where it is gone for good, its last word says more than that nothing listens any more.
                said = RpcFailure.IsServersWord(e) ? e : said;
                await Task.Delay(Pause * attempt, clock, ct);
            }
            catch (RpcException e) when (said is not null && RpcFailure.IsOutOfReach(e))
            {
                throw said;
            }
        }
    }
}
