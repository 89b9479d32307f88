using Google.Protobuf;

namespace Artel.Protocol.Client;

/// <summary>By which keys a server is recognised: the one it uses, and while a change is announced, the one it changes to. Immutable.</summary>
/// <param name="Current">The key in use when this was learned.</param>
/// <param name="Next">The announced one. Null means that no change is announced.</param>
public sealed record ServerPins(CertificatePin Current, CertificatePin? Next = null)
{
    /// <summary>Name of the header by which a server announces its next key to callers.</summary>
    public const string NextHeader = "artel-next-pin";

    /// <summary>Reads both pins of a ticket or a server's message. An empty <paramref name="next"/> means none.</summary>
    public static ServerPins From(ByteString current, ByteString next)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(next);
        return new ServerPins(new CertificatePin(current.Span), next.IsEmpty ? null : new CertificatePin(next.Span));
    }

    /// <summary>Whether bytes from outside are pins that <see cref="From"/> reads.</summary>
    public static bool AreValid(ByteString current, ByteString next) => current is { Length: 32 } && next is { Length: 0 or 32 };

    /// <summary>Whether a server with this key is the one.</summary>
    public bool Accept(CertificatePin presented) => Current.Equals(presented) || (Next is not null && Next.Equals(presented));

    /// <summary>Whether both may be the keys of one server.</summary>
    public bool Overlap(ServerPins other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Accept(other.Current) || (other.Next is not null && Accept(other.Next));
    }

    public override string ToString() => Next is null ? Current.ToString() : $"{Current}, next {Next}";
}
