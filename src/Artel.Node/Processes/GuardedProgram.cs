using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Artel.Protocol.Text;

namespace Artel.Node.Processes;

/// <summary>
/// An agent as the one child of a guardian that does nothing else: it has the guardian's standard streams, is passed the signals
/// that the guardian gets, and its exit status becomes the guardian's.
/// </summary>
/// <remarks>
/// The agent has a session of its own. So Ctrl-C reaches it once, through the guardian; a shell's <c>kill -9 %1</c>, which is for the
/// whole group, leaves one of the two; and, not being a background group of the terminal's session, it can read from the terminal.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed unsafe class GuardedProgram
{
    private const int StatusOfSignal = 128;

    private readonly Lock _gate = new();
    private int _pid;
    private int _alarm;
    private int _pendingSignal;

    private GuardedProgram()
    {
    }

    /// <summary>Runs it to its end. Call it from the main thread, which gets another name by which it is known to <c>ps</c> and <c>top</c>.</summary>
    /// <param name="program">Path.</param>
    /// <param name="arguments">Without the program's own name.</param>
    /// <param name="error">What happened where it did not start or did not end by itself, else empty.</param>
    /// <returns>Its exit status, or 128 and the number of the signal that ended it.</returns>
    public static int Run(string program, IReadOnlyList<string> arguments, out string error)
    {
        var guarded = new GuardedProgram();
        using var interrupt = guarded.PassOn(PosixSignal.SIGINT, Libc.SigInterrupt);
        using var terminate = guarded.PassOn(PosixSignal.SIGTERM, Libc.SigTerm);
        using var hangUp = guarded.PassOn(PosixSignal.SIGHUP, Libc.SigHangUp);
        using var quit = guarded.PassOn(PosixSignal.SIGQUIT, Libc.SigQuit);
        Libc.NameThread("artel-guardian\0"u8);
        if (guarded.Start(program, arguments) is { } failed)
        {
            error = failed;
            return 1;
        }

        return guarded.Await(out error);
    }

    private PosixSignalRegistration PassOn(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        lock (_gate)
        {
            if (_pid == 0)
                _pendingSignal = number;
            else
                _ = Libc.kill(_pid, number);
        }
    });

    /// <summary>Null, or why it could not be started.</summary>
    private string? Start(string program, IReadOnlyList<string> arguments)
    {
        var environment = OwnProcess.Variables();
        var pipe = stackalloc int[2];
        if (Libc.pipe2(pipe, Libc.OpenCloseOnExec) != 0)
            return Marshal.GetLastPInvokeErrorMessage();

        _alarm = pipe[0];
        _ = Libc.SetCloseOnExec(pipe[1], false) && Libc.SetNonBlocking(pipe[1]);
        environment[Guardian.Variable] = string.Create(CultureInfo.InvariantCulture, $"{Guardian.Begin()} {pipe[1]}");
        var request = new LaunchRequest([program, .. arguments], new ProcessEnvironment(environment));
        lock (_gate)
        {
            var errno = LinuxSpawn.Start(program, request, stdin: 0, stdout: 1, stderr: 2, out _pid);
            _ = Libc.close(pipe[1]);
            if (errno != 0)
                return LaunchFailure.Describe(errno, request, program);

            if (_pendingSignal != 0)
                _ = Libc.kill(_pid, _pendingSignal);
        }

        return null;
    }

    private int Await(out string error)
    {
        var pidfd = Libc.PidfdOpen(_pid);
        var wasHeard = pidfd < 0 || GuardianAlarm.AwaitEnd(pidfd, _alarm);
        if (!wasHeard)
            ProcessTree.Kill(_pid);

        int session;
        int status;
        Libc.Rusage usage;
        lock (_gate)
        {
            // Reaped with the gate held: a signal that is passed on never meets a stranger with the same id.
            session = _pid;
            while (Libc.wait4(_pid, &status, 0, &usage) < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted)
            {
            }

            _pid = 0;
        }

        Guardian.EndOrphans(session);
        var signal = status & 0x7f;
        error = signal == 0 ? ""
            : !wasHeard ? string.Create(CultureInfo.InvariantCulture, $"process {session}, the node agent, was stopped or hung for longer than its exclusive tasks may run unheard: it was killed with all its tasks")
            : string.Create(CultureInfo.InvariantCulture, $"process {session}, the node agent, was ended by signal {signal}; its tasks were ended with it");
        return signal == 0 ? (status >> 8) & 0xff : StatusOfSignal + signal;
    }
}
