using Artel.Core;

namespace Artel.Server.Outputs;

/// <summary>
/// Decides which outputs are among the first of their job: those need no file. Many jobs with little output then cost
/// one sync per commit, not several per job. Remembers a bounded number of jobs, and none over a restart: after it has
/// forgotten a job, that job may keep a little more in its rows. Safe from any thread.
/// </summary>
/// <param name="bytesOfJob">The bytes of a job's first outputs that need no file.</param>
internal sealed class FirstOutputs(int bytesOfJob)
{
    /// <summary>A job with less output than this is not worth a file.</summary>
    public const int BytesOfJob = OutputStore.LongestInline;

    private const int MaxJobs = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<JobId, int> _bytes = [];

    /// <summary>True if the output is one of the first, and is counted as one.</summary>
    public bool TryTake(JobId job, int length)
    {
        lock (_gate)
        {
            var bytes = _bytes.GetValueOrDefault(job) + length;
            if (bytes > bytesOfJob)
            {
                return false;
            }

            if (_bytes.Count >= MaxJobs && !_bytes.ContainsKey(job))
            {
                _bytes.Clear();
            }

            _bytes[job] = bytes;
            return true;
        }
    }
}
