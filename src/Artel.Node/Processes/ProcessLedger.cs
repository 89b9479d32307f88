using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Artel.Node.Processes;

/// <summary>
/// The processes that run now, in a small file of fixed lines: process id, and the time since the machine's start in ticks of
/// 10 ms just before it was started. Whoever outlives the agent finds there what to end: the <see cref="ProcessGuard"/> at once,
/// the next agent otherwise. Any thread.
/// </summary>
internal sealed class ProcessLedger : IDisposable
{
    private const string FilePrefix = "processes-";
    private const int LineLength = 32;
    private const int EncodedLength = LineLength - 1;

    private readonly Lock _gate = new();
    private readonly Stack<int> _freeLines = new();
    private readonly SafeFileHandle _file;
    private int _lines;

    public ProcessLedger(string folder)
    {
        FilePath = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{FilePrefix}{Environment.ProcessId}"));
        _file = File.OpenHandle(FilePath, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete);
    }

    public string FilePath { get; }

    /// <summary>Notes a process that was just started. Returns its line.</summary>
    public int Add(int pid, long startTicks)
    {
        lock (_gate)
        {
            if (!_freeLines.TryPop(out var line))
                line = _lines++;

            Write(line, string.Create(CultureInfo.InvariantCulture, $"{pid} {startTicks}"));
            return line;
        }
    }

    public void Remove(int line)
    {
        lock (_gate)
        {
            Write(line, "");
            _freeLines.Push(line);
        }
    }

    /// <summary>Call it when nothing runs any more.</summary>
    public void Dispose()
    {
        _file.Dispose();
        File.Delete(FilePath);
    }

    /// <summary>
    /// Ends what is left of the processes in ledgers of earlier agents of this node, and removes those. Returns the ids of what it
    /// ended. Call it with the data folder locked.
    /// </summary>
    /// <remarks>
    /// A process id may have been given to a stranger since. So it ends only what belongs to the session of a process in the
    /// ledger, was started no earlier than that, and says in its environment that it is a task of this node.
    /// </remarks>
    public static List<int> EndLeftOvers(string folder, string node)
    {
        var ended = new List<int>();
        foreach (var path in Directory.EnumerateFiles(folder, FilePrefix + "*"))
        {
            var recorded = Read(path);
            if (recorded.Count > 0 && OperatingSystem.IsLinux())
            {
                foreach (var process in ProcFile.All())
                {
                    if (recorded.TryGetValue(process.Session, out var startTicks) && process.StartTicks >= startTicks
                        && ProcFile.HasEnvironment(process.Pid, $"ARTEL_NODE={node}")
                        && Libc.kill(process.Pid, Libc.SigKill) == 0)
                    {
                        ended.Add(process.Pid);
                    }
                }
            }

            File.Delete(path);
        }

        return ended;
    }

    /// <summary>Time since the machine's start, in the unit of the ledger.</summary>
    public static long NowTicks()
    {
        const int ticksPerSecond = 100;
        const int bootTime = 7;
        return OperatingSystem.IsLinux() ? Libc.Clock(bootTime).Ticks * ticksPerSecond / TimeSpan.TicksPerSecond : 0;
    }

    private static Dictionary<int, long> Read(string path)
    {
        var found = new Dictionary<int, long>();
        foreach (var line in File.ReadLines(path))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 2
                && int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
            {
                found[pid] = ticks;
            }
        }

        return found;
    }

    private void Write(int line, string text)
    {
        Span<byte> bytes = stackalloc byte[LineLength];
        bytes.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, bytes[..EncodedLength]);
        bytes[EncodedLength] = (byte)'\n';
        RandomAccess.Write(_file, bytes, (long)line * LineLength);
    }
}
