using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Artel.Cli.Access;

/// <summary>
/// The certificate authorities that this system trusts. <c>artel</c> has no use for them: it accepts the pinned certificate of its cluster
/// and no other. But the platform reads and parses all of them, several hundred files, before it asks whether a certificate is accepted,
/// which took three quarters of the time of a short command, and 5 MB.
/// </summary>
internal static partial class SystemAuthorities
{
    private static readonly string[] Variables = ["SSL_CERT_DIR", "SSL_CERT_FILE"];

    // Any certificate will do: it is looked at so that the platform looks for the authorities now. CN=-, made for this, its key thrown away.
    private const string SomeCertificate =
        "MIIBFTCBuwIUZumbL0U7VDoYF+xLcfYClt9tqT0wCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBLTAgFw0yNjExMjQxNDQ5MzRaGA8yMTI2MTAzMTE0NDkzNFowDDEKMAgG"
        + "A1UEAwwBLTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGlNORNkOgoGjA4NoQrqZFoil2pXL0sPiiTSlmbin2dLnuJsaietmJjSQmNeZL2lzxOqu3vLqgs2L2qy2E64/5ww"
        + "CgYIKoZIzj0EAwIDSQAwRgIhAK/HJ5eZvhhR/FNCzZW8htym2i11egTr0/j2Wlb1YVadAiEA/dyEHY0WuU5/B3wBjS8tMUnzPKwTEuPY0dqtQW3xG/k=";

    private static bool _areIgnored;

    /// <summary>
    /// Has this process find none of them, from its first connection on. Call it before that, and before other threads are at work: for a moment
    /// OpenSSL's variables (SSL_CTX_load_verify_locations(3)) point at nothing. Where the platform keeps authorities in another way it changes nothing.
    /// </summary>
    public static void Ignore()
    {
        if (_areIgnored || !OperatingSystem.IsLinux())
            return;

        _areIgnored = true;

        // The platform looks for certificates of this user in the home folder, and throws if the user has none.
        var hasHome = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 };
        if (!hasHome)
            Environment.SetEnvironmentVariable("HOME", "/nonexistent");

        var kept = Array.ConvertAll(Variables, Environment.GetEnvironmentVariable);
        try
        {
            foreach (var variable in Variables)
                _ = setenv(variable, "/nonexistent", 1);

            using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(SomeCertificate));
            using var chain = new X509Chain();
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            _ = chain.Build(certificate);
        }
        catch (CryptographicException)
        {
            // The first connection will say what is wrong with this system's cryptography.
            return;
        }
        finally
        {
            if (!hasHome)
                Environment.SetEnvironmentVariable("HOME", null);

            // Processes that are started by this one get what it got.
            for (var i = 0; i < Variables.Length; i++)
                _ = kept[i] is { } value ? setenv(Variables[i], value, 1) : unsetenv(Variables[i]);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unsetenv(string name);
}
