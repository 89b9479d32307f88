using System.Runtime.InteropServices;

namespace Artel.Cli;

/// <summary>
/// Ctrl-C, SIGTERM and a closed terminal. The first one ends a command by its token, unless the command has put a handler of its
/// own before that. Never ends the process by itself, so what a command has started it can also clean up.
/// </summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private volatile Func<PosixSignal, bool>? _handler;

    public Signals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Arrived),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Arrived),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Arrived),
    ];

    /// <summary>Cancelled by the first signal that no handler took.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>From now on asked first, on a thread of its own; true: the signal was dealt with.</summary>
    public void Handle(Func<PosixSignal, bool> handler) => _handler = handler;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();

        _stop.Dispose();
    }

    private void Arrived(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_handler?.Invoke(context.Signal) != true)
            _stop.Cancel();
    }
}
