using Artel.Protocol.Files;
using Artel.Testing;

namespace Artel.Protocol.Tests.Files;

public sealed class FolderLockTests
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
