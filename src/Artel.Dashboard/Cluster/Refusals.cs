using Grpc.Core;

namespace Artel.Dashboard.Cluster;

/// <summary>What a page says of a question that was not answered.</summary>
internal static class Refusals
{
    public static string Sentence(RpcException refusal) => refusal.StatusCode switch
    {
        StatusCode.Unavailable or StatusCode.DeadlineExceeded => "The server does not answer; what is here may be old.",
        StatusCode.Unauthenticated => "Your session has ended: log in again.",
        _ => refusal.Status.Detail,
    };
}
