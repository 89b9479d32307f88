using Artel.Core;

namespace Artel.Server.Outputs;

/// <summary>
/// Tells which outputs are among the first of their job: those need no file. So many jobs with little output cost one sync a
/// commit, not some for each. Knows the last jobs only, and after a start of the server none: then a job may keep a little more in
/// its rows. Any thread may call.
/// </summary>
/// <param name="bytesOfJob">So many bytes of a job need no file.</param>
internal sealed class FirstOutputs(int bytesOfJob)
{
    /// <summary>Less than this is not worth a file.</summary>
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
