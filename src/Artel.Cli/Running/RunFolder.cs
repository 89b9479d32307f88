using Artel.Cli.Output;
using Artel.Protocol.Files;

namespace Artel.Cli.Running;

/// <summary>
/// The temporary folder of a private cluster, open to its owner only. It is locked while its run lives: one that a
/// killed run has left behind is removed by the next.
/// </summary>
internal sealed class RunFolder
{
    private const string Prefix = "run-";

    /// <summary>A server that lost its run is given so long to stop before its folder is taken away.</summary>
    private static readonly TimeSpan LeftFor = TimeSpan.FromMinutes(1);

    /// <summary>With less free space than this, nothing works.</summary>
    private const long LeastRoom = 1 << 20;

    private readonly FolderLock _lock;

    private RunFolder(string path, FolderLock @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    /// <summary>True if somebody removed it.</summary>
    public bool IsGone => !File.Exists(System.IO.Path.Combine(Path, FolderLock.FileName));

    /// <summary>Why the run cannot go on in this folder, in one line; null if it can.</summary>
    public string? Problem()
    {
        if (IsGone)
        {
            return $"the temporary folder of this run, {Path}, was removed while it ran: set TMPDIR to one that nobody "
                + "cleans up";
        }

        try
        {
            return new DriveInfo(Path).AvailableFreeSpace < LeastRoom
                ? $"the temporary folder of this run, {Path}, is full: make room, or set TMPDIR to another"
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A new one, in this user's folder below <c>TMPDIR</c>.</summary>
    /// <exception cref="CommandFailure">It cannot be created.</exception>
    public static RunFolder Create(TimeProvider clock)
    {
        try
        {
            var path = PersonalTemp.Find() is { } own
                ? NewIn(own, clock)
                : Directory.CreateTempSubdirectory("artel-run-").FullName;
            var @lock = FolderLock.TryTake(path, out _)
                ?? throw new IOException($"{path} is locked by another process");
            @lock.KeepFromCleaners(path);
            return new RunFolder(path, @lock);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = e is DirectoryNotFoundException or FileNotFoundException
                ? "it does not exist"
                : e.Message.ReplaceLineEndings(" ").TrimEnd('.');
            var parent = System.IO.Path.GetTempPath().TrimEnd('/');
            throw CommandFailure.WrongUsage(
                $"a private run needs a temporary folder, and none can be created in {parent}: {reason}. Set TMPDIR to "
                + "another");
        }
    }

    /// <summary>With all that is in it.</summary>
    public void Remove(Terminal terminal)
    {
        if (FolderRemoval.Remove(Path) is { } reason)
            terminal.Warn($"could not remove {Path}: {reason}");

        _lock.Dispose();
        PersonalTemp.RemoveIfEmpty(System.IO.Path.GetDirectoryName(Path)!);
    }

    private static string NewIn(string own, TimeProvider clock)
    {
        RemoveLeftOvers(own, clock.GetUtcNow().UtcDateTime);
        var path = System.IO.Path.Combine(own, Prefix + System.IO.Path.GetRandomFileName());
        OwnerOnly.CreateFolder(path);
        return path;
    }

    private static void RemoveLeftOvers(string own, DateTime now)
    {
        foreach (var path in Directory.EnumerateDirectories(own, Prefix + "*"))
        {
            try
            {
                var file = System.IO.Path.Combine(path, FolderLock.FileName);
                if (!File.Exists(file) || now - File.GetLastWriteTimeUtc(file) < LeftFor)
                    continue;

                using var taken = FolderLock.TryTake(path, out _);
                if (taken is not null)
                    FolderRemoval.Remove(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What cannot be removed now stays for the next run.
            }
        }
    }
}
