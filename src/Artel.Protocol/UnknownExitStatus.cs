namespace Artel.Protocol.V1;

public sealed partial class Attempt
{
    /// <summary>The exit status of a failed attempt on a node that says no more than that it failed.</summary>
    public const int UnknownExitStatus = int.MinValue;
}
