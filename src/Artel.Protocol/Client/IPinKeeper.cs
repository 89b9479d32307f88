namespace Artel.Protocol.Client;

/// <summary>Keeps by which keys a server is recognised while they change. Called from any thread.</summary>
public interface IPinKeeper
{
    /// <summary>What is accepted at the next handshake.</summary>
    ServerPins Pins { get; }

    /// <summary>The server is recognised and announces its next key. It does so in every answer as long as the change is to come.</summary>
    void Announced(CertificatePin next);

    /// <summary>The server is recognised by this key.</summary>
    void Presented(CertificatePin pin);
}
