using System.Diagnostics;

namespace Artel.Server.Tests.Storage;

/// <summary>A file system of a few megabytes in memory, to be filled. Needs the right to mount; where a machine does not give it, a test is skipped, except on CI.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    public static SmallDisk Mount(int megabytes)
    {
        var disk = new SmallDisk();
        var reason = OperatingSystem.IsLinux()
            ? Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk.Path)
            : "there is tmpfs only on Linux";
        if (reason is not null)
        {
            disk._folder.Dispose();
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail($"CI must be able to mount a tmpfs: {reason}");
            }

            Assert.Skip($"a full disk is tried on a tmpfs, which can not be mounted here: {reason}");
        }

        return disk;
    }

    /// <summary>Takes all the room there is but about so much.</summary>
    public void Fill(int leaveKibibytes = 0)
    {
        var free = new DriveInfo(Path).AvailableFreeSpace - (leaveKibibytes * 1024L);
        using var ballast = File.Create(System.IO.Path.Combine(Path, "ballast"));
        var block = new byte[4096];
        for (var written = 0L; written + block.Length <= free; written += block.Length)
        {
            ballast.Write(block);
            ballast.Flush();
        }
    }

    public void MakeRoom() => File.Delete(System.IO.Path.Combine(Path, "ballast"));

    public void Dispose()
    {
        // Lazily, so that a test that failed with files open still cleans up.
        var reason = Run("umount", "-l", Path);
        _folder.Dispose();
        Assert.Null(reason);
    }

    private static string? Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : errors.Trim();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}
