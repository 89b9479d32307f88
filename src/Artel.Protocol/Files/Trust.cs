using System.Runtime.Versioning;

namespace Artel.Protocol.Files;

/// <summary>Whether what is at a path can only have been put there by certain users.</summary>
[SupportedOSPlatform("linux")]
public static class Trust
{
    /// <summary>
    /// Null if only root can change the file at this path. Otherwise what stands against that, for people: the file, a
    /// link on the way to it or a folder above it belongs to somebody else or is writable by others.
    /// </summary>
    public static string? WhyNotRootsOnly(string path)
    {
        path = Path.GetFullPath(path);
        if (FileStatus.Of(path, followLinks: true) is not { } target)
            return $"{path} does not exist";

        if (!target.IsRegular)
            return $"{path} is not a file";

        if (new FileInfo(path).LinkTarget is not null)
            return $"{path} is a symbolic link: name the file itself";

        if (target.Uid != 0)
            return $"{path} must belong to root: chown root {path}";

        if (target.IsWritableByOthers)
            return $"{path} must not be writable by others: chmod go-w {path}";

        for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (FileStatus.Of(folder, followLinks: true) is not { } status)
                return $"{folder} cannot be looked at";

            // In a folder such as /tmp others cannot move away what is root's; but a link there leads wherever its
            // owner wants.
            if (status.Uid != 0)
                return $"{folder}, the folder of {path}, must belong to root";

            if (status.IsWritableByOthers && !status.IsSticky)
                return $"{folder}, a folder above {path}, must not be writable by others";
        }

        return null;
    }
}
