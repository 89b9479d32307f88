using Artel.Protocol.V1;

namespace Artel.Server.Security;

/// <summary>Who calls.</summary>
/// <param name="Token">Id of the token, or of the node's join token.</param>
/// <param name="Name">For people; the user of jobs submitted with it.</param>
/// <param name="Node">Of a node's own credential: which node.</param>
internal sealed record Principal(string Token, Role Role, string Name, string? Node);

/// <param name="Principal">Null if the secret lets nobody in.</param>
/// <param name="Problem">Why, for the caller.</param>
/// <param name="Credential">What the secret is of; null if it lets nobody in.</param>
internal readonly record struct AuthenticationResult(Principal? Principal, string Problem, Credential? Credential = null);

/// <summary>What became of the revocation of a token.</summary>
internal enum Revocation
{
    Revoked,

    NoSuchToken,

    /// <summary>Without it nobody could administer the cluster. It is not revoked.</summary>
    LastAdmin,
}

/// <summary>A token, without its secret.</summary>
/// <param name="UsesLeft">Of a join token: how many nodes may still join with it. Null means any number.</param>
internal sealed record TokenInfo(
    string Id, Role Role, string Name, DateTimeOffset Created, DateTimeOffset Expires, int? UsesLeft, bool Revoked)
{
    /// <summary>Of a join token: the only node that may join with it. Null means any node.</summary>
    public string? Node { get; init; }
}

internal enum JoinRefusal
{
    None,

    /// <summary>Unknown, expired, revoked or used up.</summary>
    InvalidToken,

    /// <summary>A token that is not for joining.</summary>
    WrongRole,

    /// <summary>A token that is for another node.</summary>
    OtherNode,

    /// <summary>The node id belongs to a node that has joined and was not forgotten.</summary>
    NodeTaken,
}

/// <param name="Secret">The node's own secret; null where it is refused.</param>
/// <param name="Problem">Why, for the caller.</param>
internal readonly record struct JoinOutcome(string? Secret, JoinRefusal Refusal, string Problem)
{
    /// <summary>Without the secret, which must not get into a log.</summary>
    public override string ToString() => Secret is null ? $"{Refusal}: {Problem}" : "joined";
}
