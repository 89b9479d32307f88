using Microsoft.Extensions.Logging;

namespace Artel.Node.Work;

/// <summary>Fresh folders for the tasks that ask for one. What an earlier agent left is removed at the start.</summary>
internal sealed class ScratchFolders
{
    private readonly string _root;
    private readonly ILogger _log;

    public ScratchFolders(string root, ILogger log)
    {
        _root = root;
        _log = log;
        if (Directory.Exists(root))
            Remove(root);
    }

    /// <exception cref="IOException">It can not be made.</exception>
    public string Create(LeaseId lease) => Directory.CreateDirectory(Path.Combine(_root, lease.ToString())).FullName;

    public void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.ScratchNotRemoved(_log, folder, e.Message);
        }
    }
}
