using System.Globalization;

namespace Artel.Node;

/// <summary>The data folder of a node, held by one agent at a time. The lock goes with the process that holds it, however that ends.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock)
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

    /// <summary>Takes the folder, or says who has it.</summary>
    public static DataFolder? Open(string path, out string error)
    {
        Make(path);
        var holder = System.IO.Path.Combine(path, "agent.pid");
        try
        {
            var @lock = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            error = "";
            return new DataFolder(path, @lock);
        }
        catch (IOException e) when (IsHeldElsewhere(e))
        {
            var pid = File.Exists(holder) ? File.ReadAllText(holder) : "?";
            error = $"another node agent (process {pid}) works in {path}: stop that one, or give this one a data folder of its own";
            return null;
        }
    }

    /// <summary>Makes a folder that only its owner may enter.</summary>
    internal static void Make(string path)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, ownerOnly);
    }

    private static bool IsHeldElsewhere(IOException e)
    {
        const int linuxWouldBlock = 11;
        const int macWouldBlock = 35;
        const int windowsSharingViolation = unchecked((int)0x80070020);
        return e.HResult is linuxWouldBlock or macWouldBlock or windowsSharingViolation;
    }

    public void Dispose() => _lock.Dispose();
}
