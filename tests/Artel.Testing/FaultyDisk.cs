using System.Globalization;

namespace Artel.Testing;

/// <summary>
/// A folder whose disk fails on demand for programs that are started with <see cref="Variables"/>: a library between them and the system's
/// own makes writes or syncs of files in it fail with the error number that a test asks for. Needs a C compiler.
/// </summary>
public sealed class FaultyDisk : IDisposable
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/types.h>
        #include <unistd.h>

        static int fails(int fd, const char *what)
        {
            const char *folder = getenv("FAULTY_FOLDER"), *order = getenv("FAULTY_ORDER");
            char link[64], path[4096], said[64] = "", wanted[32];
            int number, file = order ? open(order, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return 0;
            ssize_t read_ = read(file, said, sizeof said - 1);
            close(file);
            if (read_ <= 0 || sscanf(said, "%31s %d", wanted, &number) != 2 || strcmp(wanted, what) != 0) return 0;
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
            ssize_t length = readlink(link, path, sizeof path - 1);
            if (length <= 0) return 0;
            path[length] = 0;
            if (strncmp(path, folder, strlen(folder)) != 0) return 0;
            errno = number;
            return 1;
        }

        #define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
        ssize_t write(int fd, const void *b, size_t n) { return fails(fd, "write") ? -1 : REAL(write)(fd, b, n); }
        ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { return fails(fd, "write") ? -1 : REAL(pwrite)(fd, b, n, o); }
        ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) { return fails(fd, "write") ? -1 : REAL(pwrite64)(fd, b, n, o); }
        int fsync(int fd) { return fails(fd, "sync") ? -1 : REAL(fsync)(fd); }
        int fdatasync(int fd) { return fails(fd, "sync") ? -1 : REAL(fdatasync)(fd); }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("artel-faulty-disk-");

    private FaultyDisk()
    {
    }

    /// <summary>The folder that fails.</summary>
    public string Path => System.IO.Path.Combine(_folder.FullName, "disk");

    /// <summary>For the environment of the program.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library,
        ["FAULTY_FOLDER"] = Path,
        ["FAULTY_ORDER"] = Order,
    };

    private string Library => System.IO.Path.Combine(_folder.FullName, "faulty.so");

    private string Order => System.IO.Path.Combine(_folder.FullName, "order");

    public static FaultyDisk Make()
    {
        var disk = new FaultyDisk();
        Directory.CreateDirectory(disk.Path);
        var source = System.IO.Path.Combine(disk._folder.FullName, "faulty.c");
        File.WriteAllText(source, Source);
        var lack = OperatingSystem.IsLinux()
            ? SystemRights.Try("cc", "-shared", "-fPIC", "-O1", "-w", "-o", disk.Library, source, "-ldl")
            : "LD_PRELOAD is Linux's";
        if (lack is not null)
            disk.Dispose();

        SystemRights.Require(lack, "a failing disk needs a library that is compiled here");
        return disk;
    }

    /// <summary>From now on every <paramref name="operation"/> fails.</summary>
    /// <param name="operation"><c>write</c> or <c>sync</c>.</param>
    /// <param name="error">The system's number (errno), such as 5 for EIO.</param>
    public void Fail(string operation, int error)
    {
        // In one step: a program never reads half of it.
        var written = Order + ".new";
        File.WriteAllText(written, string.Create(CultureInfo.InvariantCulture, $"{operation} {error}"));
        File.Move(written, Order, overwrite: true);
    }

    public void Heal() => File.Delete(Order);

    public void Dispose() => _folder.Delete(recursive: true);
}
