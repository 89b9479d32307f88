namespace Artel.Server.Edge;

/// <summary>Who may make a call. Each value is an authorization policy of that name, which <see cref="CallRequirementHandler"/> decides.</summary>
internal enum Access
{
    /// <summary>Everyone: what is answered reveals nothing and changes nothing.</summary>
    Anyone,

    /// <summary>Whoever has a code of a login link, which the call itself uses up, or the token of a person.</summary>
    Login,

    /// <summary>Every credential of this cluster.</summary>
    AnyCredential,

    Viewer,
    User,
    Admin,

    /// <summary>The role viewer, or everyone on the listener that only this machine reaches.</summary>
    Metrics,

    /// <summary>A join token, or the credential that a node got for one: it is still good then.</summary>
    Join,

    /// <summary>The credential of a node that has joined.</summary>
    Node,

    /// <summary>A browser with the session of a person.</summary>
    Page,
}
