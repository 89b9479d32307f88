using Xunit;

namespace Artel.Testing;

/// <summary>A file system of a few megabytes in memory, to be filled. Needs the right to mount; where a machine does not give it, a test is skipped, except on CI.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("artel-small-disk-");

    private SmallDisk()
    {
    }

    public string Path => _folder.FullName;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    public static SmallDisk Mount(int megabytes)
    {
        var disk = TryMount(megabytes, out var lack);
        SystemRights.Require(lack, "a full disk is tried on a tmpfs, which can not be mounted here");
        return disk!;
    }

    /// <summary>The same for a program that can do without: null, and what is lacking, where it can not be mounted.</summary>
    public static SmallDisk? TryMount(int megabytes, out string? lack)
    {
        var disk = new SmallDisk();
        lack = OperatingSystem.IsLinux()
            ? SystemRights.Try("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk.Path)
            : "there is tmpfs only on Linux";
        if (lack is null)
            return disk;

        disk._folder.Delete();
        return null;
    }

    /// <summary>Takes all the room there is but about so much.</summary>
    public void Fill(int leaveKibibytes = 0)
    {
        var free = new DriveInfo(Path).AvailableFreeSpace - (leaveKibibytes * 1024L);
        using var ballast = File.Create(Ballast);
        var block = new byte[4096];
        for (var written = 0L; written + block.Length <= free; written += block.Length)
        {
            ballast.Write(block);
            ballast.Flush();
        }
    }

    /// <summary>As the system does when a disk fails. Not while a file is open for writing.</summary>
    public void SetReadOnly(bool readOnly) => Assert.Null(SystemRights.Try("mount", "-o", readOnly ? "remount,ro" : "remount,rw", Path));

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        // Lazily, so that a test that failed with files open still cleans up.
        var failure = SystemRights.Try("umount", "-l", Path);
        _folder.Delete(recursive: true);
        Assert.Null(failure);
    }
}
