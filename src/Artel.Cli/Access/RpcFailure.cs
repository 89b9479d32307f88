using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Artel.Protocol.Client;
using Grpc.Core;

namespace Artel.Cli.Access;

/// <summary>Turns the status of a failed call into the exit status and the line for the user. The one place that does.</summary>
internal static class RpcFailure
{
    private const string WhatToDo =
        "Start it ('artel server start' or 'artel up'), or name another with --server and --token";

    private static bool IsElsewhere(RpcException e) =>
        e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded || HasTimedOut(e);

    /// <summary>Whether no server answered at all, so that a later try may do.</summary>
    public static bool IsOutOfReach(RpcException e) => IsElsewhere(e) && !IsOtherServer(e) && !IsNoTls(e);

    /// <summary>Whether a server was there and went away, so that it may have done what was asked.</summary>
    public static bool WasCutOff(RpcException e) => IsOutOfReach(e) && Find<SocketException>(e) is not { SocketErrorCode: not SocketError.ConnectionReset };

    /// <summary>Whether a server said itself that it can not go on, and why.</summary>
    public static bool IsServersWord(RpcException e) => e is { StatusCode: StatusCode.Unavailable, Status.DebugException: null };

    /// <param name="e">What the call threw.</param>
    /// <param name="configured">Whose call it was.</param>
    /// <param name="address">Where it went.</param>
    public static CommandFailure Describe(RpcException e, ConfiguredAccess configured, string address)
    {
        var said = e.Status.Detail;
        return e.StatusCode switch
        {
            _ when IsOtherServer(e) => OtherServer(configured, address),
            _ when IsTurnedAway(e) => new(
                ExitStatus.NoCluster, $"what answers at {address} closed the connection at once: a server with too many connections does that (try again), or it is none"),
            _ when IsNoTls(e) => new(ExitStatus.NoCluster, $"what answers at {address} is no Artel server (no TLS 1.3): check the address"),
            StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.AlreadyExists or StatusCode.OutOfRange =>
                new(ExitStatus.WrongUsage, said),
            StatusCode.DataLoss => new(ExitStatus.TaskFailed, said),
            StatusCode.NotFound => new(ExitStatus.NotFound, said),
            StatusCode.Unauthenticated => new(
                ExitStatus.NotAllowed,
                $"{address} does not accept the token in {configured.Origin}: {said}"),
            StatusCode.PermissionDenied => new(ExitStatus.NotAllowed, said),
            _ when HasTimedOut(e) => new(ExitStatus.NoCluster, OutOfReach(e, configured, address)),
            StatusCode.Cancelled => new(ExitStatus.Interrupted, "interrupted"),
            StatusCode.DeadlineExceeded => new(ExitStatus.NoCluster, $"no answer from {address} in time: try again, or look at the server"),
            StatusCode.Unavailable when IsServersWord(e) => new(
                ExitStatus.NoCluster, $"the server at {address} can not do this now: {said.ReplaceLineEndings(" ")}"),
            StatusCode.Unavailable => new(ExitStatus.NoCluster, OutOfReach(e, configured, address)),
            StatusCode.ResourceExhausted => new(ExitStatus.NoCluster, $"{address} has no room for this now: {said}"),
            StatusCode.Unimplemented => new(ExitStatus.WrongUsage, $"the server at {address} does not know this request: update it"),
            _ => new(ExitStatus.NoCluster, $"the server at {address} failed ({e.StatusCode}): {said}"),
        };
    }

    /// <summary>The server is at none of its addresses.</summary>
    public static CommandFailure Describe(NoServerException e, ConfiguredAccess configured)
    {
        if (e.Failures is [var only])
        {
            var failure = new RpcException(new Status(StatusCode.Unavailable, e.Message, e));
            return Describe(failure, configured, only.Address);
        }

        if (e.Failures.All(f => f.Kind == AddressFailureKind.OtherServer))
            return OtherServer(configured, string.Join(", ", e.Failures.Select(f => f.Address)));

        var tried = string.Join(", ", e.Failures.Select(f => $"{f.Address} ({f.Reason})"));
        return new CommandFailure(ExitStatus.NoCluster, $"no cluster at {tried}, from {configured.Origin}. {WhatToDo}");
    }

    private static CommandFailure OtherServer(ConfiguredAccess configured, string address) => new(
        ExitStatus.NotAllowed,
        $"the server at {address} is not the one that the token in {configured.Origin} belongs to: its key does not "
        + $"have the pin {configured.Access.Pin}. If the server's key was changed or the server was set up again, get a "
        + "new token from its admin; otherwise another program answers there");

    private static string OutOfReach(RpcException e, ConfiguredAccess configured, string address)
    {
        if (Find<SocketException>(e)?.SocketErrorCode == SocketError.NetworkUnreachable && IsLoopback(address))
            return $"{address} cannot be reached: the loopback interface of this machine is down; as root, 'ip link set lo up' turns it on";

        var why = HasTimedOut(e) ? "no answer in time" : Find<SocketException>(e) is { } socket ? socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "nothing listens there",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "no such host",
            SocketError.TimedOut => "no answer in time",
            _ => socket.Message,
        }
        : Find<TimeoutException>(e) is not null ? "no answer in time"
        : Find<Exception>(e) is { } inner and not RpcException ? inner.Message : e.Status.Detail;
        why = why.ReplaceLineEndings(" ").TrimEnd('.');
        return $"no cluster at {address} (from {configured.Origin}): {why}. {WhatToDo}";
    }

    private static bool IsLoopback(string address) =>
        address.StartsWith("localhost:", StringComparison.Ordinal) || (IPEndPoint.TryParse(address, out var point) && IPAddress.IsLoopback(point.Address));

    private static bool IsOtherServer(RpcException e) =>
        // The text of .NET's own: there is no other sign by which a refused pin differs from a failed handshake.
        Find<AuthenticationException>(e) is { } refused && refused.Message.Contains("RemoteCertificateValidationCallback", StringComparison.Ordinal);

    /// <summary>The connection ended before anything came: no handshake went wrong, there was none.</summary>
    private static bool IsTurnedAway(RpcException e) =>
        Find<NoServerException>(e) is { Failures: [{ Kind: AddressFailureKind.TurnedAway }] } ||
        Find<HttpRequestException>(e)?.HttpRequestError == HttpRequestError.SecureConnectionError
        && Find<IOException>(e) is not null && Find<AuthenticationException>(e) is null;

    /// <summary>A connection that could not be made in time looks like a call that somebody cancelled, but for its cause.</summary>
    private static bool HasTimedOut(RpcException e) => e.StatusCode == StatusCode.Cancelled && Find<TimeoutException>(e) is not null;

    private static bool IsNoTls(RpcException e) =>
        !IsOtherServer(e) && !IsTurnedAway(e) && (Find<AuthenticationException>(e) is not null
            || Find<HttpRequestException>(e)?.HttpRequestError == HttpRequestError.SecureConnectionError);

    private static T? Find<T>(RpcException e) where T : Exception
    {
        for (var cause = e.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            if (cause is T found)
                return found;
        }

        return null;
    }
}
