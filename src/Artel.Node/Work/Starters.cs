namespace Artel.Node.Work;

/// <summary>
/// The threads that start attempts. posix_spawn keeps its caller until the exec, and a starter may attend its process for a while: several use several
/// processors for that, and one more is there for what comes meanwhile. All but <see cref="Dispose"/> with the gate of the workplace held.
/// </summary>
/// <param name="gate">Of the workplace: starters wait on it.</param>
/// <param name="next">Takes what can be started now. Null: nothing can.</param>
/// <param name="hasMore">Whether something else could be started as well.</param>
/// <param name="start">Starts it, without the gate; true: the calling thread has nothing else to do, and may attend its process.</param>
internal sealed class Starters(object gate, Func<Attempt?> next, Func<bool> hasMore, Action<Attempt, bool> start) : IDisposable
{
    private const int MostForProcessors = 8;

    private Thread[] _threads = [];
    private int _idle;

    // Those whose attended process has ended, and that are about to look for the next one.
    private int _comingBack;
    private bool _stopping;

    /// <summary>Begins to look for something to start.</summary>
    public void Begin()
    {
        var count = Math.Clamp(Environment.ProcessorCount, 1, MostForProcessors) + 1;
        _threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(Run) { Name = "artel-start", IsBackground = true })];
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>There may be something to start. The one that takes it wakes another where there is more.</summary>
    public void Wake() => Monitor.Pulse(gate);

    /// <summary>What was not to be started may be now.</summary>
    public void WakeAll() => Monitor.PulseAll(gate);

    /// <summary>An attempt has ended, and there is room for another. The starter that attended it, where one did, looks for that itself: to wake another would take longer.</summary>
    public void OnEnded(Attempt attempt)
    {
        if (attempt.IsAttended)
            attempt.FreesStarter(ref _comingBack);
        else
            Wake();
    }

    /// <summary>Waits until none starts or attends anything any more. Without the gate.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            _stopping = true;
            WakeAll();
        }

        foreach (var thread in _threads)
            thread.Join();
    }

    private void Run()
    {
        for (Attempt? attempt = null; (attempt = WaitForNext(attempt, out var attends)) is not null;)
            start(attempt, attends);
    }

    /// <summary>Waits for something that can be started. Null: the workplace closes.</summary>
    /// <param name="last">What the calling starter started last.</param>
    /// <param name="attends">Another starter is there for what can be started next: this one may attend its process.</param>
    private Attempt? WaitForNext(Attempt? last, out bool attends)
    {
        attends = false;
        lock (gate)
        {
            last?.StarterIsBack(ref _comingBack);
            while (!_stopping)
            {
                if (next() is { } attempt)
                {
                    attends = _idle > 0;
                    if (attends && _comingBack == 0 && hasMore())
                        Wake();

                    return attempt;
                }

                _idle++;
                Monitor.Wait(gate);
                _idle--;
            }

            return null;
        }
    }
}
