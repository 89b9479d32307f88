namespace Artel.Core;

/// <summary>What one user has in the hands of nodes: who has less goes first among jobs of equal priority.</summary>
internal sealed class UserLoad
{
    /// <summary>The sum of <see cref="Attempt.Share"/> over the user's leases.</summary>
    public long Millionths { get; set; }
}
