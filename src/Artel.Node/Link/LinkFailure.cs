using System.Net.Sockets;
using System.Security.Authentication;
using Artel.Protocol.Client;
using Grpc.Core;

namespace Artel.Node.Link;

/// <summary>Tells from a failed call whether trying again can help, in words for people.</summary>
internal static class LinkFailure
{
    public static LinkEnd Of(RpcException e, bool wasWelcome) => e.StatusCode switch
    {
        StatusCode.Unauthenticated => Refused($"{e.Status.Detail}: join again with a new token (artel token create --role node)"),
        StatusCode.PermissionDenied or StatusCode.FailedPrecondition or StatusCode.AlreadyExists or StatusCode.InvalidArgument or StatusCode.NotFound
            => Refused(e.Status.Detail),
        _ => new LinkEnd(LinkEndKind.Broken, Describe(e), wasWelcome),
    };

    /// <summary>Whether someone answers whose certificate has another pin.</summary>
    public static bool IsOtherServer(RpcException e)
    {
        for (var inner = e.Status.DebugException; inner is not null; inner = inner.InnerException)
        {
            if (inner is AuthenticationException)
                return true;
        }

        return false;
    }

    /// <summary>What a failed call says, down to what the socket or TLS said.</summary>
    public static string Describe(RpcException e) =>
        DescribeCause(e.Status.DebugException) ?? (e.Status.Detail.Length > 0 ? e.Status.Detail : e.StatusCode.ToString());

    /// <inheritdoc cref="Describe(RpcException)"/>
    public static string Describe(HttpRequestException e) =>
        DescribeCause(e.InnerException) ?? (e.StatusCode is { } status ? $"{e.Message} ({(int)status})" : e.GetBaseException().Message);

    /// <summary>The server was not found: what each of its addresses gave instead.</summary>
    public static string Describe(NoServerException e) =>
        e.Failures is [var only]
            ? Describe(only)
            : string.Join("; ", e.Failures.Select(f => $"{f.Address}: {Describe(f)}"));

    private static string Describe(AddressFailure failure) => DescribeCause(failure.Cause) ?? failure.Reason;

    private static string? DescribeCause(Exception? cause)
    {
        for (; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException:
                    return "the server there does not have the key that this node knows: if its key was changed while this node was away, join again with a new token; otherwise another program answers there";
                case SocketException socket:
                    return socket.Message;
            }
        }

        return null;
    }

    private static LinkEnd Refused(string reason) => new(LinkEndKind.Refused, reason, WasWelcome: false);
}
