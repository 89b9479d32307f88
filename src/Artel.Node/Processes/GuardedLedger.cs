using Microsoft.Extensions.Logging;

namespace Artel.Node.Processes;

/// <summary>The ledger of running processes, and where the system allows it the guard that reads it when the agent is gone.</summary>
internal sealed class GuardedLedger : IDisposable
{
    private readonly IDisposable? _guard;

    private GuardedLedger(ProcessLedger ledger, IDisposable? guard)
    {
        Ledger = ledger;
        _guard = guard;
    }

    public ProcessLedger Ledger { get; }

    public static GuardedLedger Open(string folder, ILogger log)
    {
        var ledger = new ProcessLedger(folder);
        ProcessGuard? guard = null;
        var error = "it takes process groups, which only Linux has here";
        if (OperatingSystem.IsLinux() && LinuxLauncher.IsSupported)
            guard = ProcessGuard.Start(ledger, out error);

        if (guard is null)
            Log.NoGuard(log, error);

        return new GuardedLedger(ledger, guard);
    }

    /// <summary>Call it when nothing runs any more.</summary>
    public void Dispose()
    {
        Ledger.Dispose();
        _guard?.Dispose();
    }
}
