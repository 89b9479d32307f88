using Artel.Protocol.Files;

namespace Artel.Node;

/// <summary>
/// The data folder of a node, open to its owner only and held by one agent at a time. The lock goes with the process
/// that holds it, however that ends.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FolderLock _lock;

    private DataFolder(string path, FolderLock @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    public string Spool => System.IO.Path.Combine(Path, "spool");

    /// <summary>Takes the folder, or tells who has it.</summary>
    /// <exception cref="IOException">It cannot be used: it is somebody else's, or others can look into it.</exception>
    public static DataFolder? Open(string path, out string error)
    {
        OwnerOnly.ClaimFolder(path, mark: NodeCredential.FileName);
        if (FolderLock.TryTake(path, out var holder) is not { } @lock)
        {
            error = $"another node agent (process {holder?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"}) works in {path}: "
                + "stop that one, or give this one a data folder of its own";
            return null;
        }

        error = "";
        return new DataFolder(path, @lock);
    }

    /// <summary>Creates the folder, so that only its owner may enter it, or closes the one that is there.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    public static void Make(string path) => OwnerOnly.ClaimFolder(path, mark: NodeCredential.FileName);

    public void Dispose() => _lock.Dispose();
}
