using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Artel.Node.Processes;

/// <summary>What /proc tells about processes (proc_pid_stat(5), proc_pid_status(5)). A process that is gone is no error: 0 or null.</summary>
internal static class ProcFile
{
    /// <summary>Process, parent, session and start time in clock ticks (of 10 ms) since the machine's start.</summary>
    public readonly record struct Stat(int Pid, int Parent, int Session, long StartTicks);

    /// <summary>Largest resident size so far (VmHWM).</summary>
    public static long PeakMemoryBytes(int pid)
    {
        Span<byte> buffer = stackalloc byte[2048];
        var status = Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"), buffer);
        var label = "VmHWM:"u8;
        var at = status.IndexOf(label);
        if (at < 0)
            return 0;

        var rest = status[(at + label.Length)..].TrimStart(" \t"u8);
        return Utf8Parser.TryParse(rest, out long kib, out _) ? kib * 1024 : 0;
    }

    public static Stat? ReadStat(int pid)
    {
        Span<byte> buffer = stackalloc byte[1024];
        var stat = Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"), buffer);

        // pid (name) state ppid pgrp session …: the name may hold anything, also ')'.
        var afterName = stat.LastIndexOf((byte)')');
        if (afterName < 0)
            return null;

        var fields = Encoding.ASCII.GetString(stat[(afterName + 2)..]).Split(' ');
        return fields.Length > 19
            ? new Stat(pid, Number(fields[1]), Number(fields[3]), long.Parse(fields[19], CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>Every process there is.</summary>
    public static IEnumerable<Stat> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && ReadStat(pid) is { } stat)
            {
                yield return stat;
            }
        }
    }

    /// <summary>Whether the environment it was started with holds this entry (<c>NAME=VALUE</c>).</summary>
    public static bool HasEnvironment(int pid, string entry)
    {
        try
        {
            var environment = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ"));
            var wanted = Encoding.UTF8.GetBytes(entry + '\0');
            var at = environment.AsSpan().IndexOf(wanted);
            return at == 0 || (at > 0 && environment[at - 1] == 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static ReadOnlySpan<byte> Read(string path, Span<byte> buffer)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var count = RandomAccess.Read(file, buffer, 0);
            return buffer[..count];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);
}
