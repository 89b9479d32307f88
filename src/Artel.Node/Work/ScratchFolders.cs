using Artel.Node.Accounts;
using Artel.Protocol.Files;
using Microsoft.Extensions.Logging;

namespace Artel.Node.Work;

/// <summary>
/// Fresh folders for the tasks that ask for one, each open to the account of its task only. What an earlier agent left
/// is removed at the start. The folder they are in belongs to the agent: no task can put a link, or another's folder,
/// in the place of its own.
/// </summary>
internal sealed class ScratchFolders
{
    private readonly string _root;
    private readonly bool _isForAccounts;
    private readonly ILogger _log;

    /// <param name="root">The folder that they are in. It is this node's alone.</param>
    /// <param name="isForAccounts">Tasks run as other accounts: these must be able to get there, but not to list what
    /// there is.</param>
    /// <param name="log">For what cannot be removed.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public ScratchFolders(string root, bool isForAccounts, ILogger log)
    {
        _root = root;
        _isForAccounts = isForAccounts;
        _log = log;
        Prepare();
        foreach (var left in Directory.EnumerateDirectories(root))
            Remove(left);
    }

    /// <exception cref="IOException">It cannot be created.</exception>
    public string Create(LeaseId lease, Account? account) => Create(Path.Combine(_root, lease.ToString()), account);

    /// <summary>
    /// Where a copy of the script of a task goes. Beside its scratch folder, which is the task's to fill.
    /// </summary>
    public string OfScript(LeaseId lease) => Path.Combine(_root, $"{lease}.script");

    /// <exception cref="IOException">It cannot be created.</exception>
    public string Create(string path, Account? account)
    {
        OwnerOnly.CreateFolder(path);
        if (_isForAccounts && account is not null && OperatingSystem.IsLinux())
            PassableFolder.HandOver(path, account);

        return path;
    }

    public void Remove(string folder)
    {
        if (FolderRemoval.Remove(folder) is { } reason)
            Log.ScratchNotRemoved(_log, folder, reason);
    }

    private void Prepare()
    {
        if (_isForAccounts && OperatingSystem.IsLinux())
        {
            PassableFolder.Prepare(_root);
            return;
        }

        // It may be in a folder where others can create entries too.
        OwnerOnly.CreateFolder(_root);
        if (OperatingSystem.IsLinux()
            && (FileStatus.Of(_root, followLinks: false) is not { IsFolder: true } status || status.Uid != FileStatus.OwnUid))
            throw new IOException($"the scratch folder {_root} must be this user's own folder, not a link: choose another with --scratch");
    }
}
