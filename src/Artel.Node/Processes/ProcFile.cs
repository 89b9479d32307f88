using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Artel.Node.Processes;

/// <summary>What /proc tells about processes (proc_pid_stat(5), proc_pid_status(5), proc_pid_smaps(5)). A process that is gone is no error: 0 or null.</summary>
internal static class ProcFile
{
    /// <summary>Process, parent and start time in clock ticks (of 10 ms) since the machine's start.</summary>
    /// <param name="HasEnded">Its parent has not asked for its exit status yet (proc(5), states Z and X).</param>
    /// <param name="IsUninterruptible">It waits in the kernel, and no signal ends that (state D).</param>
    public readonly record struct Stat(
        int Pid, int Parent, long StartTicks, bool HasEnded, bool IsUninterruptible = false);

    // Of most processes. One can be in 65,536 groups, which its status lists before its memory: then it is read into more.
    private const int StatusSize = 8192;
    private const int LargestSize = 1 << 20;

    /// <summary>Largest resident size so far (VmHWM).</summary>
    public static long PeakMemoryBytes(int pid)
    {
        Span<byte> buffer = stackalloc byte[StatusSize];
        return Field(Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"), buffer), "VmHWM:"u8) ?? 0;
    }

    /// <summary>
    /// Memory that the system can not take back from it without swapping: its own, what it shares in memory, and what of it is swapped out. Not the
    /// files it has mapped. Pages that several processes share count fully for each.
    /// </summary>
    public static long TakenMemoryBytes(int pid)
    {
        Span<byte> buffer = stackalloc byte[StatusSize];
        var status = Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"), buffer);
        return (Field(status, "RssAnon:"u8) ?? 0) + (Field(status, "RssShmem:"u8) ?? 0) + (Field(status, "VmSwap:"u8) ?? 0);
    }

    /// <summary>
    /// The same, but of a page that n processes share the n-th part. The system goes through all its pages for that, which for much memory takes a
    /// while. Where it may not be read it is <see cref="TakenMemoryBytes"/>.
    /// </summary>
    public static long ShareOfMemoryBytes(int pid)
    {
        Span<byte> buffer = stackalloc byte[StatusSize];
        var rollup = Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/smaps_rollup"), buffer);
        return Field(rollup, "Pss_Anon:"u8) is { } own
            ? own + (Field(rollup, "Pss_Shmem:"u8) ?? 0) + (Field(rollup, "SwapPss:"u8) ?? 0)
            : TakenMemoryBytes(pid);
    }

    public static Stat? ReadStat(int pid)
    {
        Span<byte> buffer = stackalloc byte[1024];
        var stat = Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"), buffer);

        // pid (name) state ppid …: the name may hold anything, also ')'.
        var afterName = stat.LastIndexOf((byte)')');
        if (afterName < 0)
            return null;

        var fields = Encoding.ASCII.GetString(stat[(afterName + 2)..]).Split(' ');
        return fields.Length > 19
            ? new Stat(
                pid, Number(fields[1]), long.Parse(fields[19], CultureInfo.InvariantCulture), fields[0] is "Z" or "X",
                fields[0] is "D")
            : null;
    }

    /// <summary>The real user id of a process, which decides who may end it (kill(2)).</summary>
    public static uint? OwnerOf(int pid)
    {
        Span<byte> buffer = stackalloc byte[StatusSize];
        var status = Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"), buffer);
        var at = status.IndexOf("\nUid:"u8);
        return at >= 0 && Utf8Parser.TryParse(status[(at + 5)..].TrimStart(" \t"u8), out uint uid, out _) ? uid : null;
    }

    /// <summary>Time since the machine's start, in the unit of <see cref="Stat.StartTicks"/>.</summary>
    public static long NowTicks()
    {
        const int ticksPerSecond = 100;
        const int bootTime = 7;
        return OperatingSystem.IsLinux() ? Libc.Clock(bootTime).Ticks * ticksPerSecond / TimeSpan.TicksPerSecond : 0;
    }

    /// <summary>Every process there is.</summary>
    public static IEnumerable<int> Pids() => NumbersIn("/proc");

    /// <summary><see cref="Pids"/> with their stat.</summary>
    public static IEnumerable<Stat> All()
    {
        foreach (var pid in Pids())
        {
            if (ReadStat(pid) is { } stat)
                yield return stat;
        }
    }

    /// <summary>The children of a process, whichever of its threads has started them.</summary>
    public static List<int> Children(int pid)
    {
        var children = new List<int>();
        TryChildren(pid, children);
        return children;
    }

    /// <summary>
    /// Adds the children of a process. False: they cannot be read just now, since no further file can be opened.
    /// </summary>
    public static bool TryChildren(int pid, List<int> children)
    {
        var threads = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task");
        try
        {
            foreach (var thread in NumbersIn(threads))
                children.AddRange(Numbers(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"{threads}/{thread}/children"))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Otherwise it ended meanwhile: what children it had are its subreaper's now.
            return e.HResult is not (Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem);
        }

        return true;
    }

    /// <summary>Adds the children of its main thread only, to which orphans go.</summary>
    public static bool TryChildrenOfMainThread(int pid, List<int> children)
    {
        try
        {
            var file = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/task/{pid}/children");
            children.AddRange(Numbers(File.ReadAllBytes(file)));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The numbers in a text, each followed by a space, as in a file of children.</summary>
    public static List<int> Numbers(ReadOnlySpan<byte> text)
    {
        var numbers = new List<int>();
        while (Utf8Parser.TryParse(text, out int number, out var length))
        {
            numbers.Add(number);
            text = text[length..].TrimStart((byte)' ');
        }

        return numbers;
    }

    private static IEnumerable<int> NumbersIn(string folder)
    {
        foreach (var path in Directory.EnumerateDirectories(folder))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                yield return number;
        }
    }

    /// <summary>Bytes, of a line such as <c>VmHWM:     4096 kB</c>.</summary>
    private static long? Field(ReadOnlySpan<byte> text, ReadOnlySpan<byte> label)
    {
        var at = text.IndexOf(label);
        return at >= 0 && Utf8Parser.TryParse(text[(at + label.Length)..].TrimStart(" \t"u8), out long kib, out _) ? kib * 1024 : null;
    }

    private static ReadOnlySpan<byte> Read(string path, Span<byte> buffer)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var count = RandomAccess.Read(file, buffer, 0);
            while (count == buffer.Length && count < LargestSize)
            {
                buffer = new byte[count * 4];
                count = RandomAccess.Read(file, buffer, 0);
            }

            return buffer[..count];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);
}
