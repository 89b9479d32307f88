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
    private readonly Lock _lock = new();
    private Func<PosixSignal, bool>? _handler;
    private bool _isStopping;
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

    /// <summary>
    /// From now on, passes signals to the handler first, on a thread of their own. It returns true if the signal needs
    /// nothing more.
    /// </summary>
    /// <exception cref="OperationCanceledException">A signal has arrived already, and ends the command.</exception>
    public void Handle(Func<PosixSignal, bool> handler)
    {
        lock (_lock)
        {
            _handler = handler;
            if (!_isStopping)
                return;
        }

        _stop.Cancel();
        _stop.Token.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();

        _stop.Dispose();
    }

    private void Arrived(PosixSignalContext context)
    {
        context.Cancel = true;
        Arrived(context.Signal);
    }

    private void Arrived(PosixSignal signal)
    {
        Func<PosixSignal, bool>? handler;
        lock (_lock)
        {
            // Which of the two the signal meets is decided here: it is never lost between them.
            handler = _handler;
            _isStopping |= handler is null;
        }

        if (handler?.Invoke(signal) != true)
            _stop.Cancel();
    }
}
