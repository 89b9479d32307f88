using Artel.Core;
using Artel.Server.Security;
using Grpc.Core;

namespace Artel.Server.Api;

/// <summary>The errors that callers are told, each with the status that stands for its kind.</summary>
internal static class Refusals
{
    public static RpcException Invalid(string message) => new(new Status(StatusCode.InvalidArgument, message));

    public static RpcException Forbidden(string message) => new(new Status(StatusCode.PermissionDenied, message));

    public static RpcException Unauthenticated(string message) => new(new Status(StatusCode.Unauthenticated, message));

    public static RpcException NotFound(string message) => new(new Status(StatusCode.NotFound, message));

    public static RpcException NotNow(string message) => new(new Status(StatusCode.FailedPrecondition, message));

    public static RpcException Stopping(string reason) => new(new Status(StatusCode.Unavailable, reason));

    public static RpcException Of(JoinOutcome outcome) => new(new Status(
        outcome.Refusal switch
        {
            JoinRefusal.WrongRole => StatusCode.PermissionDenied,
            JoinRefusal.NodeTaken => StatusCode.AlreadyExists,
            _ => StatusCode.Unauthenticated,
        },
        outcome.Problem));

    public static RpcException TooManyLimits() => new(new Status(
        StatusCode.ResourceExhausted, $"{ClusterState.MostLimits} tags have a limit already: take some away with 'artel limit rm'"));

    public static RpcException TooMuchAhead() => new(new Status(
        StatusCode.ResourceExhausted, "output is taken from as many running attempts as can be: wait until this one's is asked for"));

    public static RpcException NoRoom(string message) => new(new Status(StatusCode.ResourceExhausted, message));

    public static RpcException NoJob(JobId job) => NotFound($"there is no job {job}");

    public static RpcException NoTask(TaskId task, int count) => NotFound($"job {task.Job} has tasks 1 to {count}, not {task.Number}");

    public static RpcException NoNode(string node) => NotFound($"there is no node '{node}'");
}
