using Artel.Protocol.V1;
using Artel.Server.Security;
using Grpc.Core;

namespace Artel.Server.People;

/// <summary>
/// The one rule of who owns what: jobs and schedules belong to the name of the token they were submitted with, so tokens with the same name are the same
/// person; an admin acts on everybody's. Only admins make tokens, so only they say who is whom. A viewer owns nothing: their token shows what all see.
/// </summary>
internal static class Ownership
{
    public static bool Covers(Principal caller, string owner) =>
        caller.Role == Role.Admin || (caller.Role == Role.User && caller.Name.Length > 0 && string.Equals(caller.Name, owner, StringComparison.Ordinal));

    /// <param name="what">What is acted on, <c>job 12</c>.</param>
    /// <exception cref="RpcException">It belongs to somebody else.</exception>
    public static void Require(Principal caller, string owner, string what)
    {
        if (!Covers(caller, owner))
        {
            throw new RpcException(new Status(
                StatusCode.PermissionDenied, $"{what} belongs to {Named(owner)}: only {Named(owner)} or an admin can do this, and you are {Named(caller.Name)}"));
        }
    }

    /// <param name="what">What is asked for, <c>the output of job 12</c>.</param>
    public static RpcException Hidden(string what, string owner) => new(new Status(
        StatusCode.PermissionDenied, $"{what} is hidden: only {Named(owner)}, who owns the job, and admins see it"));

    private static string Named(string name) => name.Length > 0 ? name : "somebody without a name";
}
