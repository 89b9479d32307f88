using System.Threading.Channels;
using Artel.Core;
using Artel.Server.Wire;

namespace Artel.Server.Telemetry;

/// <summary>
/// What was committed, on its way to tallies and spans, which are made elsewhere: however slow or broken they are, the committer only puts a batch into a
/// bounded queue. What finds no room there is counted and left out.
/// </summary>
internal sealed class TelemetryFeed(TaskTallies tallies, TaskTracer? tracer = null)
{
    /// <summary>Changes that wait. With the output that they may carry some 100 MB at worst.</summary>
    public const int MostPending = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Channel<Batch> _batches = Channel.CreateBounded<Batch>(new BoundedChannelOptions(MostPending) { FullMode = BoundedChannelFullMode.Wait });
    private readonly Lock _gate = new();
    private long _pending;
    private long _dropped;

    /// <summary>Changes that were left out since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>By the committer. Does not wait.</summary>
    /// <param name="now">When it was on disk.</param>
    /// <param name="documents">Where those of the jobs are that end in the batch, and leave it next.</param>
    public void Tell(IReadOnlyList<Change> changes, DateTimeOffset now, JobDocuments documents)
    {
        var count = changes.Count;
        if (Interlocked.Add(ref _pending, count) > MostPending + count)
        {
            Drop(count);
            return;
        }

        if (tracer is not null)
        {
            foreach (var change in changes)
            {
                if (change is JobEnded ended && documents.Find(ended.Job) is { } document)
                {
                    tracer.Keep(ended.Job, document);
                }
            }
        }

        if (!_batches.Writer.TryWrite(new Batch(changes, now, null)))
        {
            Drop(count);
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (await _batches.Reader.WaitToReadAsync(stopping))
        {
            Drain();
        }
    }

    /// <summary>Makes tallies and spans of all that waits.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            while (_batches.Reader.TryRead(out var batch))
            {
                try
                {
                    tallies.Tell(batch.Changes, batch.At);
                    tracer?.Tell(batch.Changes, batch.At);
                }
                finally
                {
                    Interlocked.Add(ref _pending, -batch.Changes.Count);
                    batch.Reached?.TrySetResult();
                }
            }
        }
    }

    /// <summary>Waits, for a moment at most, until what was committed before this call is counted.</summary>
    public async Task CatchUpAsync(CancellationToken cancellation)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_batches.Writer.TryWrite(new Batch([], default, reached)))
        {
            await Task.WhenAny(reached.Task, Task.Delay(Patience, TimeProvider.System, cancellation));
        }
    }

    private void Drop(int count)
    {
        Interlocked.Add(ref _pending, -count);
        Interlocked.Add(ref _dropped, count);
    }

    /// <param name="Reached">Of a mark in the queue.</param>
    private sealed record Batch(IReadOnlyList<Change> Changes, DateTimeOffset At, TaskCompletionSource? Reached);
}
