using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Artel.Server.Storage;

namespace Artel.Server.Security;

/// <summary>
/// The file of the announced certificate: its key, and before it a line with the time from which it is used. PEM allows text outside of its
/// blocks, so that the file becomes <c>certificate.pem</c> by its name alone.
/// </summary>
internal static class NextCertificate
{
    private const string SwitchesLine = "# in use from ";

    /// <summary>Null if no change is announced.</summary>
    /// <exception cref="StoreException">The file cannot be read, or others may read it.</exception>
    public static (X509Certificate2 Certificate, DateTimeOffset Switches)? Load(DataFolder folder)
    {
        var file = folder.NextCertificateFile;
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using var lines = new StreamReader(file);
            if (lines.ReadLine() is { } first && first.StartsWith(SwitchesLine, StringComparison.Ordinal)
                && DateTimeOffset.TryParseExact(
                    first[SwitchesLine.Length..], "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var switches))
            {
                return (ServerCertificate.Load(file), switches);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(folder.Path, e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Damaged(file, e);
        }

        throw Damaged(file, new InvalidDataException("its first line is not a time"));
    }

    /// <summary>Makes a key and puts it on disk.</summary>
    /// <exception cref="StoreException">It cannot be written.</exception>
    public static X509Certificate2 Create(DataFolder folder, IPAddress listen, DateTimeOffset switches, TimeProvider time)
    {
        try
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{SwitchesLine}{switches.UtcDateTime:O}\n{ServerCertificate.Create(listen, time)}");
            OwnerOnly.Replace(folder.NextCertificateFile, Encoding.ASCII.GetBytes(text));
            return ServerCertificate.Load(folder.NextCertificateFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(folder.Path, e);
        }
    }

    /// <summary>From here on it is the server's certificate, and the one before is gone.</summary>
    /// <exception cref="StoreException">The folder cannot be written.</exception>
    public static void PutInUse(DataFolder folder)
    {
        try
        {
            File.Move(folder.NextCertificateFile, folder.CertificateFile, overwrite: true);
            DurableFolder.Sync(folder.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(folder.Path, e);
        }
    }

    private static StoreException Damaged(string file, Exception e) =>
        new($"{file} holds no certificate with its key and the time of its use: remove it to keep the present key, then announce the change again", e);
}
