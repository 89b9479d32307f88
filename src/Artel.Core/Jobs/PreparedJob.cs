namespace Artel.Core;

/// <summary>
/// A job that is built and belongs to no cluster yet: everything that is made for each of its templates is made here, on the thread of whoever
/// submits it. Good for one submission.
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

    /// <summary>Hands the job over, once. For the one thread that owns the state.</summary>
    /// <exception cref="InvalidOperationException">It was taken before.</exception>
    internal Job Take()
    {
        var job = _job ?? throw new InvalidOperationException("this job was submitted already");
        _job = null;
        return job;
    }
}
