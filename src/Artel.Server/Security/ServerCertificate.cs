using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Artel.Server.Storage;

namespace Artel.Server.Security;

/// <summary>
/// The identity of the server: a self-signed certificate, made at the first start, that clients trust by its pin. ECDSA on P-256
/// (RFC 8446 section 9.1: every TLS 1.3 peer knows it), valid for ten years.
/// </summary>
internal static class ServerCertificate
{
    private const int YearsValid = 10;

    /// <summary>Loads the certificate of a data folder, or makes it.</summary>
    /// <param name="listen">The address to listen on, which goes into a new certificate for clients that look at names.</param>
    /// <exception cref="StoreException">The file can not be read, or others may read it.</exception>
    public static X509Certificate2 LoadOrCreate(DataFolder folder, IPAddress listen, TimeProvider time)
    {
        var file = folder.CertificateFile;
        try
        {
            if (!File.Exists(file))
            {
                OwnerOnly.Replace(file, Encoding.ASCII.GetBytes(Create(listen, time)));
            }

            return Load(file);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // The second is what a key of another certificate gives.
            throw new StoreException($"{file} holds no certificate with its key: restore it from a copy, or move it away to get a new one, which every client must then trust anew", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(folder.Path, e);
        }
    }

    /// <summary>Reads a file of a certificate and its key.</summary>
    /// <exception cref="StoreException">Others may read it.</exception>
    public static X509Certificate2 Load(string file)
    {
        RefuseOpenToOthers(file);
        var certificate = X509Certificate2.CreateFromPemFile(file);
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        // Windows' TLS takes no key that lives in memory only.
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }

    private static void RefuseOpenToOthers(string file)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnerOnly.FileBits) != 0)
        {
            throw new StoreException($"{file} holds the server's key and others may open it: 'chmod 600 {file}'");
        }
    }

    /// <summary>A new key with its certificate, as PEM.</summary>
    public static string Create(IPAddress listen, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Artel", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Environment.MachineName);
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback, listen }.Distinct())
        {
            names.AddIpAddress(address);
        }

        request.CertificateExtensions.Add(names.Build());

        // A day early, for clients whose clock is behind.
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(YearsValid));
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }
}
