namespace Artel.Node.Link;

/// <summary>How one link ended.</summary>
/// <param name="Kind">What to do next.</param>
/// <param name="Reason">For people.</param>
/// <param name="WasWelcome">The server had taken this node in.</param>
internal readonly record struct LinkEnd(LinkEndKind Kind, string Reason, bool WasWelcome);

internal enum LinkEndKind
{
    /// <summary>The transport failed, or the server asks to come back: try again.</summary>
    Broken,

    /// <summary>This agent said goodbye.</summary>
    SaidGoodbye,

    /// <summary>The server does not want this node.</summary>
    Refused,
}
