namespace Artel.Core;

/// <summary>
/// What one user has waiting at one priority, for one round of placing: retries first, then older jobs first.
/// </summary>
/// <param name="retries">Groups of tasks that avoid nodes, each with something to start.</param>
/// <param name="classes">In the order in which they are served.</param>
/// <param name="firstOf">The template whose task goes next in a group; null if there is none.</param>
/// <param name="isOfUse">Whether a class could get anything: others are passed over.</param>
internal sealed class UserQueue(
    UserLoad user, IReadOnlyList<AvoidingKey> retries, TaskClass[] classes, Func<AvoidingKey, Template?> firstOf,
    Predicate<TaskClass> isOfUse)
{
    private readonly PriorityQueue<AvoidingKey, JobId> _retries = new(retries.Select(g => (g, firstOf(g)!.Job.Id)));
    private readonly PriorityQueue<TaskClass, JobId> _again = new();
    private int _next;

    /// <summary>Smaller goes first. Only while <see cref="HasMore"/>.</summary>
    public (long Has, Lease Newest, bool IsFresh, JobId Job) Turn =>
        (user.Millionths, user.Newest, _retries.Count == 0,
            _retries.TryPeek(out _, out var job) ? job : NextClass()!.FirstJob);

    /// <summary>Passes over what has nothing to start any more.</summary>
    public bool HasMore()
    {
        while (_retries.TryPeek(out var group, out _) && firstOf(group) is null)
        {
            _retries.Dequeue();
        }

        return _retries.Count > 0 || NextClass() is not null;
    }

    /// <summary>Serves what comes next. What got something may come again.</summary>
    /// <param name="placeGroup">Gives tasks of a group to nodes. False if none could be given.</param>
    /// <param name="placeClass">The same for a class.</param>
    public void Serve(Predicate<AvoidingKey> placeGroup, Predicate<TaskClass> placeClass)
    {
        if (_retries.TryDequeue(out var group, out _))
        {
            if (placeGroup(group) && firstOf(group) is { } first)
            {
                _retries.Enqueue(group, first.Job.Id);
            }

            return;
        }

        var next = NextClass()!;
        if (_again.TryPeek(out var repeated, out _) && repeated == next)
        {
            _again.Dequeue();
        }
        else
        {
            _next++;
        }

        if (placeClass(next) && !next.IsEmpty)
        {
            _again.Enqueue(next, next.FirstJob);
        }
    }

    private TaskClass? NextClass()
    {
        while (_next < classes.Length && (classes[_next].IsEmpty || !isOfUse(classes[_next])))
        {
            _next++;
        }

        var next = _next < classes.Length ? classes[_next] : null;
        return _again.TryPeek(out var again, out var job) && (next is null || job.CompareTo(next.FirstJob) < 0)
            ? again
            : next;
    }
}
