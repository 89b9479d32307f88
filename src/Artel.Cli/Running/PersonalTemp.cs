using System.Globalization;
using Artel.Protocol.Files;

namespace Artel.Cli.Running;

/// <summary>
/// The one folder of this user below <c>TMPDIR</c>: everybody can create entries there, so only what lies in a folder
/// that is known to be the user's own may be cleaned up without a look at whose it is.
/// </summary>
internal static class PersonalTemp
{
    /// <summary>
    /// The path of the folder, created if it is missing. Null if somebody else has taken the name, or could take it
    /// away.
    /// </summary>
    public static string? Find()
    {
        var temp = Path.GetFullPath(Path.GetTempPath());
        if (!OperatingSystem.IsLinux())
        {
            // There the temporary folder is a user's own already.
            return OperatingSystem.IsWindows() || (File.GetUnixFileMode(temp) & ~OwnerOnly.FolderBits) == 0
                ? Made(Path.Combine(temp, "artel"))
                : null;
        }

        // In a folder that others may write to, the sticky bit keeps them from renaming what is not theirs.
        if (FileStatus.Of(temp, followLinks: true) is not { } parent || (parent.IsWritableByOthers && !parent.IsSticky))
            return null;

        var path = Path.Combine(temp, string.Create(CultureInfo.InvariantCulture, $"artel-{FileStatus.OwnUid}"));
        try
        {
            OwnerOnly.CreateFolder(path);
        }
        catch (IOException)
        {
            // Whoever was quicker, with a file or a link that leads nowhere: whose it is, is seen next.
        }

        return FileStatus.Of(path, followLinks: false) is { IsFolder: true, IsOpenToOthers: false } own && own.Uid == FileStatus.OwnUid
            ? path
            : null;
    }

    /// <summary>Removes the folder of a run's folder, if it is this one and nothing else is in it.</summary>
    public static void RemoveIfEmpty(string folder)
    {
        try
        {
            if (folder == Find())
                Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Another run has its folder there.
        }
    }

    private static string Made(string path)
    {
        OwnerOnly.CreateFolder(path);
        return path;
    }
}
