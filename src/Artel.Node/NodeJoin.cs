using Artel.Node.Link;
using Artel.Protocol.Client;
using Grpc.Core;

namespace Artel.Node;

/// <summary>What became of a join: a credential, or why there is none.</summary>
public sealed record NodeJoin
{
    private NodeJoin(NodeCredential? credential, NodeJoinFailure failure, string message)
    {
        Credential = credential;
        Failure = failure;
        Message = message;
    }

    /// <summary>Null if it failed.</summary>
    public NodeCredential? Credential { get; }

    public NodeJoinFailure Failure { get; }

    /// <summary>For people; empty if it succeeded.</summary>
    public string Message { get; }

    internal static NodeJoin Succeeded(NodeCredential credential) => new(credential, NodeJoinFailure.None, "");

    /// <summary>What a refused call means.</summary>
    /// <param name="address">Where it went.</param>
    internal static NodeJoin Of(RpcException e, string address) => e.StatusCode switch
    {
        StatusCode.Unauthenticated => Failed(NodeJoinFailure.Refused, $"{e.Status.Detail}; create another with 'artel token create --role node'"),
        StatusCode.PermissionDenied => Failed(NodeJoinFailure.Refused, e.Status.Detail),
        StatusCode.AlreadyExists => Failed(NodeJoinFailure.IdTaken, e.Status.Detail),
        StatusCode.FailedPrecondition => Failed(NodeJoinFailure.Version, e.Status.Detail),
        StatusCode.InvalidArgument => Failed(NodeJoinFailure.WrongId, e.Status.Detail),
        StatusCode.Cancelled => Failed(NodeJoinFailure.Unreachable, $"{address}: no answer in time"),
        _ when LinkFailure.IsOtherServer(e) => OtherServer(address),
        _ => Failed(NodeJoinFailure.Unreachable, $"{address}: {LinkFailure.Describe(e)}"),
    };

    /// <summary>The outcome if the server was not found.</summary>
    internal static NodeJoin Of(NoServerException e) => e.Failures.All(f => f.Kind == AddressFailureKind.OtherServer)
        ? OtherServer(string.Join(", ", e.Failures.Select(f => f.Address)))
        : Failed(NodeJoinFailure.Unreachable, e.Message);

    private static NodeJoin OtherServer(string address) => Failed(
        NodeJoinFailure.OtherServer,
        $"the server at {address} does not have the key that this token names: "
        + "if its key was changed, get a new token; otherwise another program answers there");

    internal static NodeJoin Failed(NodeJoinFailure failure, string message) => new(null, failure, message);
}

/// <summary>Why a join failed.</summary>
public enum NodeJoinFailure
{
    None,

    /// <summary>The id is none.</summary>
    WrongId,

    /// <summary>No address answers.</summary>
    Unreachable,

    /// <summary>What answers has not the pin of the ticket.</summary>
    OtherServer,

    /// <summary>The token does not allow it.</summary>
    Refused,

    /// <summary>Another node has this id.</summary>
    IdTaken,

    /// <summary>This program and the server are too far apart.</summary>
    Version,
}
