using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>The server's key.</summary>
internal sealed partial class ClusterService
{
    private static readonly TimeSpan KeyOverlap = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestKeyOverlap = TimeSpan.FromDays(365);

    public override async Task<V1.KeyRotation> RotateKey(V1.RotateKeyRequest request, ServerCallContext context)
    {
        if (request.Now)
        {
            if (request.Overlap is not null)
            {
                throw Refusals.Invalid("a key that changes now has no overlap");
            }

            await announcer.ChangeKeyAsync(context.CancellationToken);
            return announcer.DescribeKey();
        }

        var overlap = request.Overlap?.ToTimeSpan() ?? KeyOverlap;
        if (overlap <= TimeSpan.Zero || overlap > LongestKeyOverlap)
        {
            throw Refusals.Invalid("the overlap of two keys is longer than 0 and at most 365 days");
        }

        if (!await announcer.AnnounceKeyAsync(overlap, context.CancellationToken))
        {
            throw Refusals.NotNow(
                $"the key changes at {announcer.DescribeKey().Switches?.ToDateTimeOffset():u} already: wait for that, or change it at once with 'artel server rotate-key --now'");
        }

        return announcer.DescribeKey();
    }
}
