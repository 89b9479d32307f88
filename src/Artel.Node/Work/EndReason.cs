namespace Artel.Node.Work;

/// <summary>Why an attempt was ended before its process ended by itself.</summary>
internal enum EndReason
{
    TimedOut,

    /// <summary>The server wants it ended and its result.</summary>
    Cancelled,

    /// <summary>The node stops or is drained at once: the lease is given back, someone else is to run the task.</summary>
    GivenBack,

    /// <summary>It is exclusive, and the server was not heard for so long that it must not go on.</summary>
    Expired,

    /// <summary>It took more memory than it asked for.</summary>
    OutOfMemory,

    /// <summary>The lease is no longer the node's: nothing is told. Goes before every other reason.</summary>
    Revoked,
}
