using System.Runtime.InteropServices;

namespace Artel.Cli.Tests;

/// <summary>Signals that end a command.</summary>
public sealed class SignalsTests
{
    [Fact]
    public async Task A_signal_before_there_is_a_handler_ends_the_command()
    {
        using var signals = new Signals();
        var stopped = new TaskCompletionSource();
        using var registration = signals.Stop.Register(stopped.SetResult);

        signals.OutputFailed(32);
        await stopped.Task;

        Assert.Throws<OperationCanceledException>(() => signals.Handle(_ => true));
    }

    [Fact]
    public async Task A_signal_goes_to_the_handler_and_nowhere_else()
    {
        using var signals = new Signals();
        var taken = new TaskCompletionSource<PosixSignal>();
        signals.Handle(signal => taken.TrySetResult(signal));

        signals.OutputFailed(32);

        Assert.Equal(PosixSignal.SIGTERM, await taken.Task);
        Assert.False(signals.Stop.IsCancellationRequested);
    }
}
