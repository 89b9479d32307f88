using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace Artel.Node.Processes;

/// <summary>
/// Which processes the kernel kills first if the machine is out of memory (proc_pid_oom_score_adj(5)): tasks before the
/// agent, and other programs before the agent if it has the right to lower its own score.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe class OomScore
{
    private const int Highest = 1000;
    private const int OfTasks = 500;
    private const int OfAgents = -500;

    private static readonly byte[] TaskText = Encoding.ASCII.GetBytes(
        Math.Min(Highest, Math.Max(0, Own()) + OfTasks).ToString(CultureInfo.InvariantCulture));

    /// <summary>For the agent, before anything is started. Without the right it stays as it is.</summary>
    public static void ProtectThisProcess()
    {
        _ = TaskText;
        if (Own() > OfAgents)
            Write("/proc/self/oom_score_adj", Encoding.ASCII.GetBytes(OfAgents.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>For a task that was just started. What it starts inherits it.</summary>
    public static void Expose(int pid) =>
        Write(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/oom_score_adj"), TaskText);

    private static int Own()
    {
        try
        {
            return int.Parse(File.ReadAllText("/proc/self/oom_score_adj"), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }

    private static void Write(string file, byte[] text)
    {
        const int writeOnly = 1;
        var descriptor = Libc.open(file, writeOnly | Libc.OpenCloseOnExec);
        if (descriptor < 0)
            return;

        fixed (byte* start = text)
        {
            _ = Libc.write(descriptor, start, text.Length);
        }

        _ = Libc.close(descriptor);
    }
}
