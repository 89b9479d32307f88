namespace Artel.Node;

/// <summary>Why an agent ended.</summary>
/// <param name="Kind">In a word.</param>
/// <param name="Reason">For people; says what to do next where there is something to do.</param>
public sealed record NodeAgentExit(NodeAgentExitKind Kind, string Reason);

/// <summary>The ways in which an agent ends.</summary>
public enum NodeAgentExitKind
{
    /// <summary>It was asked to stop by its caller, and did so cleanly.</summary>
    Stopped,

    /// <summary>The server told a connected node to leave: stopped, drained, forgotten.</summary>
    ToldToLeave,

    /// <summary>It was not let in: the id is connected elsewhere, the credential is revoked, the versions are too far apart, or the data folder is in use.</summary>
    Refused,
}
