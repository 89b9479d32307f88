namespace Artel.Core;

/// <summary>An attempt that its node has killed and that has not ended.</summary>
/// <param name="Reason">Which of its processes, and why, for people.</param>
public readonly record struct UnendedAttempt(Lease Lease, string Reason);
