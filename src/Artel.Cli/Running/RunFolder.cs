using Artel.Cli.Output;

namespace Artel.Cli.Running;

/// <summary>
/// The temporary folder of a private cluster, open to its owner only. It is locked while its run lives: one that a killed run has left
/// behind is removed by the next.
/// </summary>
internal sealed class RunFolder
{
    private const string Prefix = "artel-run-";
    private const string LockName = "lock";

    /// <summary>A server that lost its run is given so long to stop before its folder is taken away.</summary>
    private static readonly TimeSpan LeftFor = TimeSpan.FromMinutes(1);

    private readonly FileStream _lock;

    private RunFolder(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    /// <summary>A new one, below <c>TMPDIR</c>.</summary>
    public static RunFolder Create(TimeProvider clock)
    {
        RemoveLeftOvers(clock.GetUtcNow().UtcDateTime);
        var path = Directory.CreateTempSubdirectory(Prefix).FullName;
        return new RunFolder(path, Lock(path));
    }

    /// <summary>With all that is in it.</summary>
    public void Remove(Terminal terminal)
    {
        _lock.Dispose();
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.Warn($"could not remove {Path}: {e.Message}");
        }
    }

    private static void RemoveLeftOvers(DateTime now)
    {
        foreach (var path in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                if (now - File.GetLastWriteTimeUtc(System.IO.Path.Combine(path, LockName)) < LeftFor || !File.Exists(System.IO.Path.Combine(path, LockName)))
                    continue;

                Lock(path).Dispose();
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its run lives, or it is someone else's: it stays.
            }
        }
    }

    private static FileStream Lock(string path) =>
        new(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
