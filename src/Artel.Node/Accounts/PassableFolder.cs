using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Artel.Node.Processes;
using Artel.Protocol.Files;

namespace Artel.Node.Accounts;

/// <summary>
/// A folder of root that other accounts can pass through to what is theirs, without seeing what else is in it (0711).
/// </summary>
[SupportedOSPlatform("linux")]
internal static class PassableFolder
{
    private const UnixFileMode Passable = OwnerOnly.FolderBits | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// Creates it, with passable ones above it if these are missing too, or checks the one that is there.
    /// </summary>
    /// <exception cref="IOException">It cannot be used; the message tells people why.</exception>
    public static void Prepare(string path)
    {
        path = Path.GetFullPath(path);
        Make(path);
        var status = FileStatus.Of(path, followLinks: false);
        if (status is not { IsFolder: true } own || own.Uid != FileStatus.OwnUid)
            throw new IOException($"the scratch folder {path} must be a folder of root, not a link: choose another with --scratch");

        File.SetUnixFileMode(path, Passable);
        for (var above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
        {
            if (FileStatus.Of(above, followLinks: true) is not { } found)
                throw new IOException($"{above} cannot be looked at");

            if (found.Uid != 0 || (found.IsWritableByOthers && !found.IsSticky))
                throw Unfit(path, above, "others than root may change");

            if ((found.Mode & (int)UnixFileMode.OtherExecute) == 0)
                throw Unfit(path, above, "accounts of tasks may not enter");
        }
    }

    /// <summary>
    /// Makes a folder that was just created the account's. By its descriptor, which means that folder and no link.
    /// </summary>
    /// <exception cref="IOException">It cannot be done.</exception>
    public static void HandOver(string path, Account account)
    {
        var folder = Libc.open(path, Libc.OpenCloseOnExec | Libc.OpenFolder | Libc.OpenNoFollow);
        var failed = folder < 0 || AccountCalls.fchown(folder, account.Uid, account.Gid) != 0;
        var message = failed ? Marshal.GetLastPInvokeErrorMessage() : "";
        MemoryFile.Close(folder);
        if (failed)
            throw new IOException($"{path}: {message}");
    }

    private static IOException Unfit(string path, string above, string why) =>
        new($"the scratch folder {path} lies below {above}, which {why}: choose another with --scratch");

    private static void Make(string path)
    {
        if (Directory.Exists(path))
            return;

        if (Path.GetDirectoryName(path) is { } above)
            Make(above);

        Directory.CreateDirectory(path, Passable);
        File.SetUnixFileMode(path, Passable);
    }
}
