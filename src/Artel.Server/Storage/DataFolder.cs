using Microsoft.Win32.SafeHandles;

namespace Artel.Server.Storage;

/// <summary>
/// The folder in which one server keeps everything, and the right to work in it: while this object lives, no other server opens
/// the same folder, in this process or another.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private readonly SafeFileHandle _lock;

    private DataFolder(string path, SafeFileHandle @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Jobs, nodes and credentials.</summary>
    public string DatabaseFile => System.IO.Path.Combine(Path, "artel.db");

    /// <summary>Output of tasks that is too long for the database.</summary>
    public string OutputsFolder => System.IO.Path.Combine(Path, "outputs");

    /// <summary>The server's certificate and its key.</summary>
    public string CertificateFile => System.IO.Path.Combine(Path, "certificate.pem");

    /// <summary>The certificate that the server is about to change to, and when.</summary>
    public string NextCertificateFile => System.IO.Path.Combine(Path, "certificate-next.pem");

    /// <summary>Makes the folder (0700) where it is missing and takes it for this server alone.</summary>
    /// <exception cref="StoreException">It can not be used, or another server works in it.</exception>
    public static DataFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            OwnerOnly.CreateFolder(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(path, e);
        }

        return new DataFolder(path, Lock(path));
    }

    // The lock is the operating system's (flock on Unix) on the open file: it goes with the process, however that ends, so a file
    // left behind locks nobody out.
    private static SafeFileHandle Lock(string path)
    {
        var file = System.IO.Path.Combine(path, "lock");
        try
        {
            return OwnerOnly.OpenFile(file, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw StoreFailure.Of(path, e);
        }
        catch (IOException e) when (StoreFailure.IsDiskFull(e) || StoreFailure.IsReadOnly(e))
        {
            throw StoreFailure.Of(path, e);
        }
        catch (IOException e)
        {
            throw new StoreException($"another artel-server works on the data in {path}: stop it first, or choose another folder with --data", e);
        }
    }

    public void Dispose() => _lock.Dispose();
}
