using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Events;

/// <summary>The last events that fit a filter, the newest first; while it is paused, those that come wait apart. Both are bounded: the oldest go.</summary>
internal sealed class EventTail(EventFilter filter)
{
    public const int Most = 500;

    /// <summary>How far back is looked where most may not fit.</summary>
    private const int LookedThrough = 20_000;

    private readonly LinkedList<Event> _shown = [];
    private readonly Queue<Event> _waiting = new();
    private long _last;

    public EventFilter Filter => filter;

    public IReadOnlyCollection<Event> Shown => _shown;

    /// <summary>Came while it was paused, at most <see cref="Most"/>.</summary>
    public int WaitingCount => _waiting.Count;

    public bool IsPaused { get; private set; }

    /// <summary>From where on to ask: behind what is known, else from the last ones.</summary>
    public WatchEventsRequest Request => new() { After = _last > 0 ? _last : filter.Sifts ? -LookedThrough : -Most, Follow = true, Job = filter.Job };

    public void Add(Event e)
    {
        _last = e.Position;
        if (!filter.Fits(e))
        {
            return;
        }

        if (IsPaused)
        {
            _waiting.Enqueue(e);
            if (_waiting.Count > Most)
            {
                _waiting.Dequeue();
            }
        }
        else
        {
            Show(e);
        }
    }

    /// <summary>What came meanwhile is shown at once when it goes on.</summary>
    public void Pause(bool paused)
    {
        IsPaused = paused;
        while (!paused && _waiting.TryDequeue(out var e))
        {
            Show(e);
        }
    }

    /// <summary>What it has told can not be gone on from: it is not kept any more, or another cluster answers now.</summary>
    public void Forget()
    {
        _last = 0;
        _shown.Clear();
        _waiting.Clear();
    }

    private void Show(Event e)
    {
        _shown.AddFirst(e);
        if (_shown.Count > Most)
        {
            _shown.RemoveLast();
        }
    }
}
