namespace Artel.Node.Work;

/// <summary>Why an attempt was ended before its process ended by itself.</summary>
internal enum EndReason
{
    TimedOut,

    /// <summary>The server wants it ended and its result.</summary>
    Cancelled,

    /// <summary>
    /// The node cannot start it, or cannot keep its result: the lease is given back, and someone else is to run the
    /// task.
    /// </summary>
    GivenBack,

    /// <summary>
    /// The agent stops. An attempt that has a process has a result then, which says so, and its task goes on elsewhere
    /// or after the restart; one that has none is given back.
    /// </summary>
    Stopped,

    /// <summary>It is exclusive, and the server was not heard for so long that it must not go on.</summary>
    Expired,

    /// <summary>It took more memory than it asked for.</summary>
    OutOfMemory,

    /// <summary>The lease is no longer the node's: nothing is told. Goes before every other reason.</summary>
    Revoked,
}
