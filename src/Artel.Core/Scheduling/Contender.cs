namespace Artel.Core;

/// <summary>
/// Waiting tasks that are alike, of one user: a class, or those of a class that avoid the same nodes.
/// </summary>
/// <param name="First">The template whose task goes next; null if there is none.</param>
/// <param name="Place">Gives tasks to nodes, a part of what there is. False if none could be given.</param>
internal sealed record Contender(int Priority, Func<Template?> First, Func<int, bool> Place, bool IsRetry)
{
    /// <summary>Smaller goes first. Only while there is something to start.</summary>
    public (long Has, Lease Newest, bool IsFresh, JobId Job) Turn
    {
        get
        {
            var job = First()!.Job;
            return (job.User.Millionths, job.User.Newest, !IsRetry, job.Id);
        }
    }
}
