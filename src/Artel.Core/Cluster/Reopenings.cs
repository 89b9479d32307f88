namespace Artel.Core;

/// <summary>
/// Tells whether a job was opened again since its state was read from the store. Takes a bounded amount of memory: of jobs that
/// were opened again long ago it only knows that they may have been.
/// </summary>
internal sealed class Reopenings
{
    /// <summary>So many jobs are told apart.</summary>
    public const int MaxJobs = 10_000;

    /// <summary>Jobs with the number of their last reopening.</summary>
    private readonly Dictionary<JobId, int> _last = [];

    private int _count;

    /// <summary>The number of every job that is not in <see cref="_last"/>.</summary>
    private int _older;

    /// <summary>A number that changes whenever the job is opened again, and seldom without that.</summary>
    public int LastOf(JobId job) => _last.GetValueOrDefault(job, _older);

    public void Note(JobId job)
    {
        if (_last.Count == MaxJobs)
        {
            _last.Clear();
            _older = _count;
        }

        _last[job] = ++_count;
    }
}
