using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Artel.Protocol.Client;

/// <summary>
/// The identity of a server: SHA-256 of its certificate's SubjectPublicKeyInfo, as in RFC 7469 section 2.4. It
/// stays the same when the certificate is renewed with the same key.
/// </summary>
public sealed class CertificatePin : IEquatable<CertificatePin>
{
    private const string Prefix = "sha256:";
    private readonly byte[] _hash;

    /// <param name="hash">32 bytes.</param>
    public CertificatePin(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != SHA256.HashSizeInBytes)
        {
            throw new ArgumentException($"a pin has {SHA256.HashSizeInBytes} bytes, not {hash.Length}", nameof(hash));
        }

        _hash = hash.ToArray();
    }

    public ReadOnlyMemory<byte> Hash => _hash;

    /// <summary>The pin of a certificate.</summary>
    public static CertificatePin Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return new CertificatePin(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>Reads <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public static bool TryParse(string? text, out CertificatePin? pin)
    {
        pin = null;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length != Prefix.Length + 64)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (Convert.FromHexString(text.AsSpan(Prefix.Length), hash, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        pin = new CertificatePin(hash);
        return true;
    }

    public bool Equals(CertificatePin? other) => other is not null && CryptographicOperations.FixedTimeEquals(_hash, other._hash);

    public override bool Equals(object? obj) => Equals(obj as CertificatePin);

    public override int GetHashCode() => BitConverter.ToInt32(_hash, 0);

    public override string ToString() => Prefix + Convert.ToHexStringLower(_hash);
}
