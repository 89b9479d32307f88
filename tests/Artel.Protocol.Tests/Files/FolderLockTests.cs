using System.Globalization;
using System.Runtime.InteropServices;
using Artel.Protocol.Files;
using Artel.Testing;
using Microsoft.Win32.SafeHandles;

namespace Artel.Protocol.Tests.Files;

public sealed partial class FolderLockTests
{
    [Fact]
    public void A_folder_is_held_by_one_and_who_that_is_is_known()
    {
        using var folder = new TestFolder();
        using (FolderLock.TryTake(folder.Path, out var nobody))
        {
            Assert.Null(nobody);
            Assert.Null(FolderLock.TryTake(folder.Path, out var holder));
            Assert.Equal(OperatingSystem.IsWindows() ? null : Environment.ProcessId, holder);
        }

        using var again = FolderLock.TryTake(folder.Path, out _);
        Assert.NotNull(again);
    }

    [Fact]
    public void A_copy_of_the_descriptor_does_not_keep_the_folder()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("finds descriptors in /proc");

        using var folder = new TestFolder();
        var first = FolderLock.TryTake(folder.Path, out _);
        var descriptor = Directory
            .GetFiles("/proc/self/fd")
            .Single(f => new FileInfo(f).LinkTarget == folder[FolderLock.FileName]);
        var copy = Duplicate(int.Parse(Path.GetFileName(descriptor), CultureInfo.InvariantCulture));
        using var closesCopy = new SafeFileHandle(copy, ownsHandle: true);

        first!.Dispose();

        using var again = FolderLock.TryTake(folder.Path, out _);
        Assert.NotNull(again);
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int descriptor);

    [Fact]
    public void A_file_that_a_dead_process_has_left_behind_locks_nobody_out()
    {
        using var folder = new TestFolder();
        folder.Write(FolderLock.FileName, "");
        folder.Write("pid", "1\n");

        using var taken = FolderLock.TryTake(folder.Path, out _);

        Assert.NotNull(taken);
        Assert.Equal($"{Environment.ProcessId}\n", File.ReadAllText(folder["pid"]));
    }
}
