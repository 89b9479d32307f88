using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Protocol.Tracing;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Submitting;

/// <summary>Hands a job over to the cluster, once: a repeated request is known by its id.</summary>
internal static class Submitter
{
    private const int Tries = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public static async Task<SubmitReply> SubmitAsync(ClusterSession session, JobSpec job, Surroundings s, CancellationToken ct)
    {
        var request = new SubmitRequest { Job = job, RequestId = Guid.NewGuid().ToString("N") };
        var headers = new Metadata();
        if (TraceParent.Parse(s.Variable(TraceParent.Variable)) is { } parent)
            headers.Add(TraceParent.Header, parent.ToString());

        RpcException? said = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await session.Client.SubmitAsync(request, session.Question(ct).WithHeaders(headers));
            }
            catch (RpcException e) when (attempt < Tries && !ct.IsCancellationRequested && RpcFailure.WasCutOff(e))
            {
                // Where it is gone for good, its last word says more than that nothing listens any more.
                said = RpcFailure.IsServersWord(e) ? e : said;
                await Task.Delay(Pause * attempt, s.Clock, ct);
            }
            catch (RpcException e) when (said is not null && RpcFailure.IsOutOfReach(e))
            {
                throw said;
            }
        }
    }
}
