namespace Artel.Core;

/// <summary>
/// A job that is built and belongs to no cluster yet: what is to be made for each of its templates is made already, on the thread of whoever submits it. Good for one
/// submission.
/// </summary>
public sealed class PreparedJob
{
    private Job? _job;

    /// <param name="spec">One that was checked: see <see cref="ClusterState"/>.</param>
    public PreparedJob(JobSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Spec = spec;
        _job = new Job(spec);
    }

    public JobSpec Spec { get; }

    /// <summary>Hands the job over, once.</summary>
    /// <exception cref="InvalidOperationException">It was taken before.</exception>
    internal Job Take() => Interlocked.Exchange(ref _job, null) ?? throw new InvalidOperationException("this job was submitted already");
}
