using Artel.Core;

namespace Artel.Server.Loop;

/// <summary>
/// Wakes those who watch a job when it has changed. A watcher asks for the next change first and looks at the job after that, so that
/// it misses nothing; however often a job changes meanwhile, it looks once more. Safe from any thread.
/// </summary>
internal sealed class JobSignals
{
    private readonly Lock _gate = new();
    private readonly Dictionary<JobId, Watched> _watched = [];

    /// <summary>Begins to watch a job, whether there is one or not, until the watch is disposed.</summary>
    public JobWatch Watch(JobId job)
    {
        lock (_gate)
        {
            if (!_watched.TryGetValue(job, out var watched))
            {
                _watched[job] = watched = new Watched();
            }

            watched.Watches++;
            return new JobWatch(this, job, watched);
        }
    }

    public void Tell(IReadOnlyList<Change> changes)
    {
        lock (_gate)
        {
            if (_watched.Count == 0)
            {
                return;
            }

            var last = default(JobId);
            foreach (var change in changes)
            {
                // Most changes follow others of the same job.
                if (JobOf(change) is not { } job || (job == last && change is not JobEnded))
                {
                    continue;
                }

                last = job;
                if (_watched.TryGetValue(job, out var watched))
                {
                    watched.Tell(ended: change is JobEnded);
                }
            }
        }
    }

    private void Leave(JobId job, Watched watched)
    {
        lock (_gate)
        {
            if (--watched.Watches == 0)
            {
                _watched.Remove(job);
            }
        }
    }

    private static JobId? JobOf(Change change) => change switch
    {
        JobSubmitted c => c.Job,
        JobStarted c => c.Job,
        JobHeldOrReleased c => c.Job,
        JobPriorityChanged c => c.Job,
        JobRevised c => c.Job,
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

    /// <summary>One job that is watched, by however many.</summary>
    internal sealed class Watched
    {
        private TaskCompletionSource _change = Make();
        private TaskCompletionSource _end = Make();

        /// <summary>Guarded by the gate of the signals.</summary>
        public int Watches { get; set; }

        public Task NextChange => Volatile.Read(ref _change).Task;

        public Task NextEnd => Volatile.Read(ref _end).Task;

        public void Tell(bool ended)
        {
            Interlocked.Exchange(ref _change, Make()).TrySetResult();
            if (ended)
            {
                Interlocked.Exchange(ref _end, Make()).TrySetResult();
            }
        }

        private static TaskCompletionSource Make() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>One watcher of a job.</summary>
    internal sealed class JobWatch(JobSignals signals, JobId job, Watched watched) : IDisposable
    {
        /// <summary>Completes when the job changes next.</summary>
        public Task NextChange => watched.NextChange;

        /// <summary>Completes when the job ends next.</summary>
        public Task NextEnd => watched.NextEnd;

        public void Dispose() => signals.Leave(job, watched);
    }
}
