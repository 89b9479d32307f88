using Artel.Core;
using Artel.Server.Security;
using Grpc.Core;

namespace Artel.Server.Api;

/// <summary>
/// The errors that callers get, each with the status that stands for its kind. A message quotes what it refuses, which may be of any length:
/// it is cut to what fits into the headers of a reply.
/// </summary>
internal static class Refusals
{
    /// <summary>Bytes of a message in a header, where what is not printable ASCII takes three for each byte. Clients take 64 KiB of headers.</summary>
    private const int MaxEncoded = 16 * 1024;

    public static RpcException Invalid(string message) => Make(StatusCode.InvalidArgument, message);

    public static RpcException Forbidden(string message) => Make(StatusCode.PermissionDenied, message);

    public static RpcException Unauthenticated(string message) => Make(StatusCode.Unauthenticated, message);

    public static RpcException NotFound(string message) => Make(StatusCode.NotFound, message);

    public static RpcException NotNow(string message) => Make(StatusCode.FailedPrecondition, message);

    public static RpcException Stopping(string reason) => Make(StatusCode.Unavailable, reason);

    public static RpcException Of(JoinOutcome outcome) => Make(
        outcome.Refusal switch
        {
            JoinRefusal.WrongRole or JoinRefusal.OtherNode => StatusCode.PermissionDenied,
            JoinRefusal.NodeTaken => StatusCode.AlreadyExists,
            _ => StatusCode.Unauthenticated,
        },
        outcome.Problem);

    public static RpcException TooManyLimits() => Make(
        StatusCode.ResourceExhausted, $"{ClusterState.MostLimits} tags have a limit already: take some away with 'artel limit rm'");

    public static RpcException TooMuchAhead() => Make(
        StatusCode.ResourceExhausted, "output is taken from as many running attempts as can be: wait until this one's is asked for");

    public static RpcException NoRoom(string message) => new(new Status(StatusCode.ResourceExhausted, message));

    public static RpcException NoJob(JobId job) => NotFound($"there is no job {job}");

    public static RpcException NoTask(TaskId task, int count) => NotFound($"job {task.Job} has tasks 1 to {count}, not {task.Number}");

    public static RpcException NoNode(string node) => NotFound($"there is no node '{node}'");

    private static RpcException Make(StatusCode status, string message) => new(new Status(status, Fit(message)));

    private static string Fit(string message)
    {
        var size = 0;
        for (var i = 0; i < message.Length; i++)
        {
            // A surrogate is half of a character of four bytes.
            size += message[i] switch { >= ' ' and <= '~' => 1, < '\x80' => 3, < '\u0800' => 6, _ when char.IsSurrogate(message[i]) => 6, _ => 9 };
            if (size > MaxEncoded)
            {
                return message[..(char.IsHighSurrogate(message[i - 1]) ? i - 1 : i)] + "…";
            }
        }

        return message;
    }
}
