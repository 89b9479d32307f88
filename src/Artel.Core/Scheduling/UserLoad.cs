namespace Artel.Core;

/// <summary>What one user has, all jobs together: who has less assigned to nodes goes first among jobs of equal priority.</summary>
internal sealed class UserLoad
{
    /// <summary>The sum of <see cref="Attempt.Share"/> over the user's leases.</summary>
    public long Millionths { get; set; }

    /// <summary>The newest lease, whether it is still open or not: among users who have the same, who was served least recently goes first.</summary>
    public Lease Newest { get; set; }

    /// <summary>Leases.</summary>
    public int InFlight { get; set; }

    /// <summary>Tasks that have not ended.</summary>
    public long Unfinished { get; set; }

    /// <summary>Kept output, and submissions.</summary>
    public long StoredBytes { get; set; }

    /// <summary>How many tasks of the user may be assigned to nodes. Null means no limit.</summary>
    public TagLimit? Limit { get; set; }
}
