using System.Runtime.InteropServices;

namespace Artel.Cli;

/// <summary>
/// Ctrl-C, SIGTERM and a closed terminal. The first one ends a command by its token, unless the command has put a
/// handler of its own before that. Never ends the process by itself, so what a command has started it can also clean
/// up.
/// </summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private Func<PosixSignal, bool>? _handler;
    private volatile int _outputError;

    public Signals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Arrived),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Arrived),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Arrived),
    ];

    /// <summary>Cancelled by the first signal that no handler took.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>The error number of the first write to standard output that failed; 0 if none has.</summary>
    public int OutputError => _outputError;

    /// <summary>
    /// Standard output cannot be written. The command ends as by SIGTERM: nobody is there for what it would still say.
    /// Comes from whatever thread was writing, with whatever locks it holds, so the command is ended from another.
    /// </summary>
    public void OutputFailed(int error)
    {
        _outputError = error;
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                try
                {
                    Arrived(PosixSignal.SIGTERM);
                }
                catch (ObjectDisposedException)
                {
                    // The command has ended by itself meanwhile.
                }
            },
            null);
    }

    /// <summary>Passes signals to a handler from now on, on a thread of their own. Call it at most once.</summary>
    /// <param name="handler">Returns true if the signal needs nothing more.</param>
    /// <exception cref="OperationCanceledException">A signal has arrived before, and ends the command.</exception>
    public void Handle(Func<PosixSignal, bool> handler)
    {
        if (Interlocked.CompareExchange(ref _handler, handler, null) is null)
            return;

        _stop.Cancel();
        throw new OperationCanceledException(_stop.Token);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();

        _stop.Dispose();
    }

    private static bool Unhandled(PosixSignal signal) => false;

    private void Arrived(PosixSignalContext context)
    {
        context.Cancel = true;
        Arrived(context.Signal);
    }

    private void Arrived(PosixSignal signal)
    {
        // Whoever is first, the signal or a handler, decides what it does: it is never lost between them.
        var handler = Interlocked.CompareExchange(ref _handler, Unhandled, null) ?? Unhandled;
        if (!handler(signal))
            _stop.Cancel();
    }
}
