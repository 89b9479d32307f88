using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Artel.Protocol.Client;

namespace Artel.Server.Security;

/// <summary>One key of the server, ready for handshakes.</summary>
internal sealed class ServerKey : IDisposable
{
    private readonly X509Certificate2 _certificate;

    /// <param name="certificate">With its key. Owned from here on.</param>
    public ServerKey(X509Certificate2 certificate)
    {
        _certificate = certificate;
        Pin = CertificatePin.Of(certificate);

        // Offline: it is self-signed, so there is nothing to look up.
        Context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    public CertificatePin Pin { get; }

    /// <summary>Made once, since each new one costs a handshake milliseconds.</summary>
    public SslStreamCertificateContext Context { get; }

    public void Dispose() => _certificate.Dispose();
}
