using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Artel.Server.Security;

/// <summary>
/// Bearer secrets: 32 random bytes in base64url, kept only as SHA-256. A slow password hash would gain nothing: there is nothing to
/// guess in 256 random bits (OWASP, "Session Management": entropy). Looking a hash up tells nothing of the secret by its timing either.
/// </summary>
internal static class Secrets
{
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>A hash as the key of a dictionary.</summary>
    public static string Key(ReadOnlySpan<byte> hash) => Convert.ToHexString(hash);
}
