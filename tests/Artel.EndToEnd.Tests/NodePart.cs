namespace Artel.EndToEnd.Tests;

/// <summary>The two processes of a node on Linux, for tests that kill one of them.</summary>
public enum NodePart
{
    /// <summary>What people start.</summary>
    Guardian,

    /// <summary>Its child, that runs the tasks.</summary>
    Agent,
}
