using Artel.Cli.Output;
using Artel.Protocol.V1;
using Spectre.Console;

namespace Artel.Cli.Progress;

/// <summary>Bars that move, on a terminal; gone when it is disposed. Tasks that did not succeed are told above them, up to a bound.</summary>
internal sealed class LiveView : IRunView
{
    private const int MostTaskLines = 20;
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(125);

    private readonly Lock _lock = new();
    private readonly Terminal _terminal;
    private readonly TimeProvider _clock;
    private readonly IPicture _picture;
    private readonly List<string> _notes = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _drawing;
    private bool _changed;
    private int _lines;

    public LiveView(Terminal terminal, TimeProvider clock, IPicture picture)
    {
        _terminal = terminal;
        _clock = clock;
        _picture = picture;
        _drawing = DrawAsync();
    }

    public void Update(Job job)
    {
        lock (_lock)
        {
            _picture.Update(job);
            _changed = true;
        }
    }

    public void Ended(WireTask task)
    {
        if (task.State == TaskState.Succeeded)
            return;

        lock (_lock)
        {
            if (_lines <= MostTaskLines)
                _notes.Add(_lines++ == MostTaskLines ? "More tasks did not succeed; the rest is counted only." : ProgressText.Ended(task));
        }
    }

    public void Note(string line)
    {
        lock (_lock)
            _notes.Add(line);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _drawing;
        _stop.Dispose();
    }

    private async Task DrawAsync()
    {
        var console = _terminal.Error;
        await console.Live(new Text("")).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            using var timer = new PeriodicTimer(Frame, _clock);
            try
            {
                while (await timer.WaitForNextTickAsync(_stop.Token))
                    DrawOnce(live);
            }
            catch (OperationCanceledException)
            {
                // The last notes below must not be lost with the bars.
                DrawOnce(live);
            }
        });
    }

    /// <summary>The bars that stand on the line are written over, not cleared: the rest of it is filled up.</summary>
    private void WriteAbove(string note)
    {
        var width = _terminal.Error.Profile.Width;
        var line = Terminal.Plain(note);
        var rest = line.GetCellWidth() % width;
        _terminal.Error.WriteLine(rest == 0 ? line : line + new string(' ', width - rest));
    }

    private void DrawOnce(LiveDisplayContext live)
    {
        lock (_lock)
        {
            foreach (var note in _notes)
                WriteAbove(note);

            _notes.Clear();
            if (_changed)
                live.UpdateTarget(_picture.Draw(_terminal.Error.Profile.Width, _terminal.Error.Profile.Height));
            else
                live.Refresh();
        }
    }
}
