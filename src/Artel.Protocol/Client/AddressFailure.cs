using System.Net.Sockets;

namespace Artel.Protocol.Client;

/// <summary>Why the server was not found at an address.</summary>
/// <param name="Address"><c>host:port</c>.</param>
/// <param name="Cause">The error of the socket, the resolver or TLS.</param>
public sealed record AddressFailure(string Address, AddressFailureKind Kind, Exception Cause)
{
    /// <summary>For people, without the address.</summary>
    public string Reason => Kind switch
    {
        AddressFailureKind.OtherServer => "another server answers there",
        AddressFailureKind.NotArtel => "what answers there is not an Artel server (no TLS 1.3)",
        AddressFailureKind.TurnedAway => "what answers there closed the connection at once",
        AddressFailureKind.Refused => "nothing listens there",
        AddressFailureKind.UnknownName => "no such host",
        AddressFailureKind.Silent => "no answer in time",
        _ => Cause.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };

    internal static AddressFailureKind KindOf(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => AddressFailureKind.Refused,
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => AddressFailureKind.UnknownName,
        SocketError.TimedOut => AddressFailureKind.Silent,
        SocketError.ConnectionReset or SocketError.ConnectionAborted => AddressFailureKind.TurnedAway,
        _ => AddressFailureKind.Unreachable,
    };
}

/// <summary>What was found at an address instead of the server, the more telling the later.</summary>
public enum AddressFailureKind
{
    /// <summary>There is no route to it.</summary>
    Unreachable,

    Silent,

    UnknownName,

    /// <summary>The machine is there, and nothing listens at the port.</summary>
    Refused,

    TurnedAway,

    /// <summary>It does not speak TLS 1.3.</summary>
    NotArtel,

    /// <summary>It has another key than the server.</summary>
    OtherServer,
}

/// <summary>The server was found at none of its addresses.</summary>
public sealed class NoServerException : IOException
{
    public NoServerException(IReadOnlyList<AddressFailure> failures)
        : base(
            string.Join(
                "; ",
                (failures ?? throw new ArgumentNullException(nameof(failures)))
                    .Select(f => $"{f.Address}: {f.Reason}")),
            failures.MaxBy(f => f.Kind)?.Cause) => Failures = failures;

    /// <summary>One for each address, in their order.</summary>
    public IReadOnlyList<AddressFailure> Failures { get; }
}
