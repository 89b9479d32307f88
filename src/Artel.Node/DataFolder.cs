using Artel.Node.Processes;
using Artel.Protocol.Files;

namespace Artel.Node;

/// <summary>
/// The data folder of a node, open to its owner only and held by one agent at a time. The lock goes with the process
/// that holds it, however that ends.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private readonly FolderLock _lock;

    private DataFolder(string path, FolderLock @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>As it was given.</summary>
    public string Path { get; }

    internal string Scratch => System.IO.Path.Combine(Path, "scratch");

    private string Spools => System.IO.Path.Combine(Path, "spool");

    /// <summary>
    /// Where results wait for the server: a folder for each cluster and node id. Leases of two clusters may have the same numbers, so that
    /// results of one must never reach the other.
    /// </summary>
    /// <param name="credential">Null: of an agent that keeps none.</param>
    internal string SpoolOf(NodeCredential? credential) =>
        credential is null ? Spools : System.IO.Path.Combine(Spools, credential.Cluster, credential.Id);

    /// <summary>Spools of other clusters and ids that still hold something.</summary>
    internal IEnumerable<string> OtherSpools(string own) =>
        !Directory.Exists(Spools) ? []
        : Directory.EnumerateFiles(Spools, "journal", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
            .Where(file => new FileInfo(file).Length > 0)
            .Select(file => System.IO.Path.GetDirectoryName(file)!)
            .Where(folder => folder != own);

    /// <summary>Takes the folder, or tells who has it.</summary>
    /// <exception cref="IOException">It cannot be used: it is somebody else's, or others can look into it.</exception>
    public static DataFolder? Open(string path, out string error)
    {
        OwnerOnly.ClaimFolder(path, mark: NodeCredential.FileName);
        if (FolderLock.TryTake(path, out var holder) is not { } @lock)
        {
            error = InUse(path, holder);
            return null;
        }

        if (OperatingSystem.IsLinux() && LeftOvers.LivingAgent(path, out var isCopy) is { } living)
        {
            @lock.Dispose();
            error = isCopy
                ? $"{path} is a copy of the data folder of a node agent that runs (process {living}): "
                    + "stop that one first, or join as another node with a new token and an empty folder"
                : InUse(path, living);
            return null;
        }

        error = "";
        return new DataFolder(path, @lock);
    }

    /// <summary>Creates the folder, so that only its owner may enter it, or closes the one that is there.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    internal static void Make(string path) => OwnerOnly.ClaimFolder(path, mark: NodeCredential.FileName);

    public void Dispose() => _lock.Dispose();

    private static string InUse(string path, int? agent)
    {
        var process = agent?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown";
        return $"another node agent (process {process}) works in {path}: "
            + "stop that one, or give this one a data folder of its own";
    }
}
