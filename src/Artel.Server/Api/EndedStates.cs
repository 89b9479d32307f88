using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Api;

/// <summary>
/// The states of the tasks of ended jobs, a byte each, of those jobs that were asked for last: to read them again costs tens of milliseconds for a million
/// tasks of which some failed, and they do not change unless the job is retried. Bounded. Safe from any thread.
/// </summary>
internal sealed class EndedStates(IClusterStore store)
{
    private const long MostBytes = 32 << 20;

    /// <summary>From one in so many tasks that did not succeed, a walk over all tasks costs less than a look at each of those.</summary>
    private const int ManyOneIn = 8;

    private readonly Lock _gate = new();

    /// <summary>The one that was used last is the last.</summary>
    private readonly List<(JobId Job, DateTimeOffset? Ended, byte[] States)> _known = [];

    /// <summary>By number of the task, from 1 at place 0.</summary>
    /// <param name="job">One that has ended.</param>
    /// <returns>Null where all have succeeded.</returns>
    public async Task<byte[]?> ReadAsync(StoredJob job, CancellationToken cancellation)
    {
        if (job.Counts.Succeeded == job.Counts.Total)
        {
            return null;
        }

        if (Find(job) is { } known)
        {
            return known;
        }

        var total = job.Counts.Total;
        var states = new byte[total];
        Array.Fill(states, (byte)TaskState.Succeeded);
        await store.FindUnsuccessfulAsync(
            job.Job, new TaskRange(1, total), total - job.Counts.Succeeded > total / ManyOneIn,
            (tasks, state) => states.AsSpan(tasks.First - 1, tasks.Count).Fill((byte)state), cancellation);
        Keep(job, states);
        return states;
    }

    private byte[]? Find(StoredJob job)
    {
        lock (_gate)
        {
            var at = _known.FindIndex(k => k.Job == job.Job && k.Ended == job.Ended);
            if (at < 0)
            {
                return null;
            }

            var known = _known[at];
            _known.RemoveAt(at);
            _known.Add(known);
            return known.States;
        }
    }

    private void Keep(StoredJob job, byte[] states)
    {
        lock (_gate)
        {
            _known.RemoveAll(k => k.Job == job.Job);
            _known.Add((job.Job, job.Ended, states));
            while (_known.Count > 1 && _known.Sum(k => (long)k.States.Length) > MostBytes)
            {
                _known.RemoveAt(0);
            }
        }
    }
}
