using Artel.Cli.Output;
using Artel.Protocol.V1;

namespace Artel.Cli.Progress;

/// <summary>
/// Progress for a log: a line for each ended task of a small job; of a large one for those that did not succeed, up to a bound, and
/// counts every few seconds.
/// </summary>
internal sealed class PlainView(Terminal terminal, TimeProvider clock, int total) : IRunView
{
    private const int MostTaskLines = 50;
    private static readonly TimeSpan CountsEvery = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly RateMeter _meter = new(clock);
    private long _countsAt = clock.GetTimestamp();
    private int _lines;
    private int _endedAtCounts;
    private string _attention = "";

    public void Update(Job job)
    {
        lock (_lock)
        {
            var attention = job.Attention.Count == 0 ? "" : job.Attention[0];
            if (attention.Length > 0 && attention != _attention)
                terminal.Warn(attention);

            _attention = attention;
            var ended = JobText.Ended(job.Counts);
            _meter.Add(ended, JobText.IsAtWork(job));
            // A small job is told task by task; counts between would only repeat it.
            if (total <= MostTaskLines || ended == _endedAtCounts || ended == total || clock.GetElapsedTime(_countsAt) < CountsEvery)
                return;

            _countsAt = clock.GetTimestamp();
            _endedAtCounts = ended;
            terminal.Note(ProgressText.Line(job, _meter));
        }
    }

    public void Ended(WireTask task)
    {
        lock (_lock)
        {
            if (total > MostTaskLines && (task.State == TaskState.Succeeded || _lines > MostTaskLines))
                return;

            terminal.Note(_lines++ == MostTaskLines && total > MostTaskLines ? "More tasks did not succeed; the rest is counted only." : ProgressText.Ended(task));
        }
    }

    public void Note(string line)
    {
        lock (_lock)
            terminal.Note(line);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
