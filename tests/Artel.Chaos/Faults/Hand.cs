namespace Artel.Chaos.Faults;

/// <summary>
/// Makes the faults of one thing: server, node or cable. It makes one at a time and undoes each, so that when all hands have stopped
/// everything works again. Hands do not know of each other: faults of several things come together as they fall.
/// </summary>
internal abstract class Hand(string thing, FaultPlan plan, Story story)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly List<string> _crashes = [];

    /// <summary>Programs that ended though nobody had ended them. Look at it when <see cref="RunAsync"/> has ended.</summary>
    public IReadOnlyList<string> Crashes => _crashes;

    protected string Thing => thing;

    protected Story Story => story;

    public async Task RunAsync(CancellationToken stop)
    {
        foreach (var fault in plan.Faults())
        {
            await PassAsync(fault.Wait, stop);
            if (stop.IsCancellationRequested)
                return;

            await LookAsync();
            await MakeAsync(fault, stop);
        }
    }

    /// <summary>Makes the fault and undoes it, at once when it is to stop.</summary>
    protected abstract Task MakeAsync(Fault fault, CancellationToken stop);

    /// <summary>Starts again what has ended. Done again and again outside of faults, and when there are no more.</summary>
    public virtual Task LookAsync() => Task.CompletedTask;

    protected void Crashed(string errors) => _crashes.Add($"{Thing}: {errors}");

    /// <summary>Waits while nothing is wrong here.</summary>
    private async Task PassAsync(TimeSpan time, CancellationToken stop)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!stop.IsCancellationRequested && TimeProvider.System.GetElapsedTime(started) < time)
        {
            await LookAsync();
            await LastAsync(Glance, stop);
        }
    }

    /// <summary>Lets a fault last.</summary>
    protected static async Task LastAsync(TimeSpan time, CancellationToken stop) =>
        await Task.Delay(time, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
