using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>
/// A shell that outlives the agent and, when the agent is gone, however that came about, ends the process groups that the ledger
/// still names. It costs nothing meanwhile: it waits for the end of a pipe whose other end only the agent holds.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class ProcessGuard : IDisposable
{
    // `read` and `kill` are the shell's own: nothing has to be found or started when the time comes.
    private const string Script = """
        while read -r _; do :; done
        [ -f "$1" ] || exit 0
        while read -r pid _; do
            [ -z "$pid" ] || kill -s KILL -- "-$pid" 2>/dev/null
        done < "$1"
        """;

    private readonly int _pipe;
    private readonly int _pid;

    private ProcessGuard(int pipe, int pid)
    {
        _pipe = pipe;
        _pid = pid;
    }

    /// <summary>Starts it, or says why that can not be done.</summary>
    public static ProcessGuard? Start(ProcessLedger ledger, out string error)
    {
        var pipe = stackalloc int[2];
        var devNull = Libc.open("/dev/null", Libc.OpenCloseOnExec | Libc.OpenReadWrite);
        if (devNull < 0 || Libc.pipe2(pipe, Libc.OpenCloseOnExec) != 0)
        {
            error = Marshal.GetLastPInvokeErrorMessage();
            return null;
        }

        var request = new LaunchRequest(["/bin/sh", "-c", Script, "artel-guard", ledger.FilePath], new Dictionary<string, string>(), "/");
        var errno = LinuxSpawn.Start("/bin/sh", request, pipe[0], devNull, devNull, out var pid);
        _ = Libc.close(pipe[0]);
        _ = Libc.close(devNull);
        if (errno != 0)
        {
            _ = Libc.close(pipe[1]);
            error = LaunchFailure.Describe(errno, request, "/bin/sh");
            return null;
        }

        error = "";
        return new ProcessGuard(pipe[1], pid);
    }

    /// <summary>Ends it. Call it after the ledger was removed.</summary>
    public void Dispose()
    {
        _ = Libc.close(_pipe);
        int status;
        Libc.Rusage usage;
        while (Libc.wait4(_pid, &status, 0, &usage) < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted)
        {
        }
    }
}
