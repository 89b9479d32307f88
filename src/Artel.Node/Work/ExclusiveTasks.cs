using Artel.Node.Processes;

namespace Artel.Node.Work;

/// <summary>
/// The exclusive attempts that may have a process, and a thread that ends them when their term is over. As long as there are any, the
/// guardian is told by when to act if this does not. Any thread.
/// </summary>
internal sealed class ExclusiveTasks : IDisposable
{
    /// <summary>How exactly the end of the term is kept. Not by one timer: a machine that slept wakes up after its end.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly object _gate = new();
    private readonly HashSet<Attempt> _attempts = [];
    private readonly ExclusiveTerm _term;
    private readonly GuardianAlarm _alarm;
    private readonly Thread _watch;
    private bool _closes;

    public ExclusiveTasks(ExclusiveTerm term, GuardianAlarm alarm)
    {
        _term = term;
        _alarm = alarm;
        _watch = new Thread(Watch) { Name = "artel-exclusive", IsBackground = true };
        _watch.Start();
    }

    public bool Any
    {
        get
        {
            lock (_gate)
            {
                return _attempts.Count > 0;
            }
        }
    }

    /// <summary>Before its process is started.</summary>
    public void Add(Attempt attempt)
    {
        lock (_gate)
        {
            _attempts.Add(attempt);
            Tell();
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Nothing of it runs any more.</summary>
    public void Remove(Attempt attempt)
    {
        lock (_gate)
        {
            if (_attempts.Remove(attempt))
                Tell();
        }
    }

    /// <summary>The term reaches further now.</summary>
    public void OnRenewed()
    {
        lock (_gate)
        {
            Tell();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closes = true;
            Monitor.Pulse(_gate);
        }

        _watch.Join();
    }

    private void Tell() => _alarm.Set(_attempts.Count > 0 ? _term.GuardianDeadline : null);

    private void Watch()
    {
        while (true)
        {
            Attempt[] ended;
            lock (_gate)
            {
                while (!_closes && _attempts.Count == 0)
                    Monitor.Wait(_gate);

                if (_closes)
                    return;

                ended = _term.Holds ? [] : [.. _attempts];
                if (ended.Length == 0)
                    Monitor.Wait(_gate, Look);
            }

            foreach (var attempt in ended)
                attempt.EndAtOnce(EndReason.Expired);

            if (ended.Length > 0)
            {
                lock (_gate)
                {
                    Monitor.Wait(_gate, Look);
                }
            }
        }
    }
}
