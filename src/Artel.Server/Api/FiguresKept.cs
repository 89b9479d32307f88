using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Api;

/// <summary>
/// The figures of the jobs that were last asked about, so that of a job that goes on only what has ended since is looked at: whoever watches the figures
/// of a million tasks asks again and again.
/// </summary>
internal sealed class FiguresKept(IClusterStore store)
{
    private const int Jobs = 8;

    private readonly Lock _lock = new();
    private readonly List<Kept> _kept = [];

    /// <summary>Adds what has ended since to the figures of a job, and reads them.</summary>
    /// <param name="begin">Makes figures that nothing was added to.</param>
    public async Task<T> ReadAsync<T>(JobId job, Func<JobFigures> begin, Func<JobFigures, T> read, CancellationToken cancellation)
    {
        var kept = Of(job, begin);
        await kept.Turn.WaitAsync(cancellation);
        try
        {
            // Where the question is given up on the way, what was added stays, and the next one goes on behind it.
            await store.MeasureAsync(job, kept.Position, kept.Add, cancellation);
            return read(kept.Figures);
        }
        finally
        {
            kept.Turn.Release();
        }
    }

    private Kept Of(JobId job, Func<JobFigures> begin)
    {
        lock (_lock)
        {
            var place = _kept.FindIndex(k => k.Job == job);
            var kept = place < 0 ? new Kept(job, begin()) : _kept[place];
            if (place >= 0 || _kept.Count == Jobs)
            {
                _kept.RemoveAt(Math.Max(place, 0));
            }

            _kept.Add(kept);
            return kept;
        }
    }

    /// <param name="Figures">Of everything up to <see cref="Position"/>.</param>
    private sealed record Kept(JobId Job, JobFigures Figures)
    {
        /// <summary>One question at a time adds to it.</summary>
        public SemaphoreSlim Turn { get; } = new(1);

        /// <summary>Of the last attempt that was added; 0: none.</summary>
        public long Position { get; private set; }

        public void Add(MeasuredAttempt attempt)
        {
            Figures.Add(attempt);
            Position = attempt.Position;
        }
    }
}
