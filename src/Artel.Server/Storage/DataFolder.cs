namespace Artel.Server.Storage;

/// <summary>
/// The folder in which one server keeps everything, and the right to work in it: while this object lives, no other server opens
/// the same folder, in this process or another.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string Database = "artel.db";

    private readonly FolderLock _lock;

    private DataFolder(string path, FolderLock @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Jobs, nodes and credentials.</summary>
    public string DatabaseFile => System.IO.Path.Combine(Path, Database);

    /// <summary>Output of tasks that is too long for the database.</summary>
    public string OutputsFolder => System.IO.Path.Combine(Path, "outputs");

    /// <summary>What charts show of the time before.</summary>
    public string HistoryFile => System.IO.Path.Combine(Path, "history");

    /// <summary>The server's certificate and its key.</summary>
    public string CertificateFile => System.IO.Path.Combine(Path, "certificate.pem");

    /// <summary>The certificate that the server is about to change to, and when.</summary>
    public string NextCertificateFile => System.IO.Path.Combine(Path, "certificate-next.pem");

    /// <summary>Takes the folder for this server alone: creates it (0700) if it is missing, and closes it if others can look into it.</summary>
    /// <exception cref="StoreException">It cannot be used, or another server works in it.</exception>
    public static DataFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            OwnerOnly.ClaimFolder(path, mark: Database);
            if (FolderLock.TryTake(path, out var holder) is { } @lock)
                return new DataFolder(path, @lock);

            throw new StoreException(
                $"another artel-server{(holder is { } pid ? $" (process {pid})" : "")} works on the data in {path}: stop it first, or choose another folder with --data");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Of(path, e);
        }
    }

    public void Dispose() => _lock.Dispose();
}
