using System.Collections.Concurrent;
using Artel.Core;

namespace Artel.Server.Loop;

/// <summary>
/// Wakes those who watch a job when it has changed. A watcher asks for the next change first and looks at the job after that, so that
/// it misses nothing; however often a job changes meanwhile, it looks once more. Safe from any thread.
/// </summary>
internal sealed class JobSignals
{
    private readonly ConcurrentDictionary<JobId, TaskCompletionSource> _waiting = [];

    /// <summary>Completes when the job changes next.</summary>
    public Task NextChange(JobId job) =>
        _waiting.GetOrAdd(job, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Tell(IReadOnlyList<Change> changes)
    {
        if (_waiting.IsEmpty)
        {
            return;
        }

        foreach (var change in changes)
        {
            if (JobOf(change) is { } job && _waiting.TryRemove(job, out var waiting))
            {
                waiting.TrySetResult();
            }
        }
    }

    private static JobId? JobOf(Change change) => change switch
    {
        JobSubmitted c => c.Job,
        JobStarted c => c.Job,
        JobHeldOrReleased c => c.Job,
        JobPriorityChanged c => c.Job,
        DependencyMet c => c.Job,
        StartTimeReached c => c.Job,
        JobEnded c => c.Job,
        JobReopened c => c.Job,
        LeasesGranted c => c.Job,
        AttemptStarted c => c.Task.Job,
        AttemptEnded c => c.Task.Job,
        LeaseReturned c => c.Task.Job,
        CancelRequested c => c.Task.Job,
        TasksEnded c => c.Job,
        TasksRetried c => c.Job,
        _ => null,
    };
}
