namespace Artel.Server.Edge;

/// <summary>What is agreed for a call before it is made: metadata of its endpoint, from <see cref="CallTable"/>.</summary>
/// <param name="IsLasting">It may go on for long, so it ends when its credential does.</param>
internal sealed record CallTerms(Access Access, BodyTerms Body, bool IsLasting = false);

/// <summary>How much a caller may send. Nothing of it is read before the caller is authorized.</summary>
/// <param name="MaxBytes">Of the whole body; null means no limit.</param>
/// <param name="MaxMessageBytes">Of one gRPC message. 0 means the body does not consist of such messages.</param>
internal sealed record BodyTerms(long? MaxBytes, int MaxMessageBytes = 0)
{
    /// <summary>The length of a gRPC message and its compression flag precede it.</summary>
    public const int MessageHeaderBytes = 5;

    /// <summary>No body at all.</summary>
    public static readonly BodyTerms None = new(0);

    /// <summary>A form of a few fields.</summary>
    public static readonly BodyTerms Form = new(16 * 1024) { IsForm = true };

    /// <summary>What a browser sends when a page is closed: a form in several parts.</summary>
    public static readonly BodyTerms Farewell = new(16 * 1024);

    /// <summary>What is sent by callers of whom nothing, or only a join token, is known.</summary>
    public static readonly BodyTerms Introduction = Message(16 * 1024);

    public static readonly BodyTerms Question = Message(1024 * 1024);

    /// <summary>A job, with the standard input of its tasks.</summary>
    public static readonly BodyTerms Submission = Message(Protocol.Client.ClusterChannel.MaxMessageBytes);

    /// <summary>A stream of messages from a node, for as long as its link lasts.</summary>
    public static readonly BodyTerms Link = new(null, 4 * 1024 * 1024) { MayBeSlow = true };

    /// <summary>Output of a task, however long.</summary>
    public static readonly BodyTerms Upload = new((long?)null) { MayBeSlow = true };

    /// <summary>The connection of an open page. SignalR limits its messages.</summary>
    public static readonly BodyTerms Circuit = new((long?)null) { MayBeSlow = true };

    /// <summary>It must be a form in URL encoding: other forms are spooled to files while they are read.</summary>
    public bool IsForm { get; private init; }

    /// <summary>Bytes may come at any rate.</summary>
    public bool MayBeSlow { get; private init; }

    private static BodyTerms Message(int bytes) => new(bytes + MessageHeaderBytes, bytes);
}
