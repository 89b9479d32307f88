using System.Collections.Immutable;
using Artel.Core;

namespace Artel.Server.Storage;

/// <summary>
/// Where everything is kept that must survive the server: tables of jobs, leases in flight, ended attempts and nodes.
/// <see cref="CommitAsync"/> is called by one caller at a time and in order; queries may run beside it at any time and see whole
/// batches only. Times are kept to the microsecond, in UTC.
/// </summary>
internal interface IClusterStore : IAsyncDisposable
{
    /// <summary>
    /// Opens the store, brings its schema up to date, stores an epoch larger than any before, and reads all that is unfinished.
    /// </summary>
    /// <param name="readSpec">Turns the document of a job into its spec.</param>
    /// <exception cref="StoreException">It can not be opened: message for people.</exception>
    Task<ClusterSnapshot> OpenAsync(Func<ReadOnlyMemory<byte>, JobSpec> readSpec, CancellationToken cancellation);

    /// <summary>Random text made when the store was created. Valid after <see cref="OpenAsync"/>.</summary>
    string ClusterId { get; }

    /// <summary>Notes how long nodes are told from now on that they have before they are lost. See <see cref="ClusterSnapshot.LostAfterBefore"/>.</summary>
    /// <exception cref="StoreException">As for <see cref="CommitAsync"/>.</exception>
    Task KeepLostAfterAsync(TimeSpan lostAfter, CancellationToken cancellation);

    /// <summary>Stores a batch of changes in one transaction. Returns when it is on disk.</summary>
    /// <exception cref="StoreException">
    /// Nothing of the batch counts as stored, and later commits fail too. The server has to stop; what was committed before is there
    /// when it starts again.
    /// </exception>
    Task CommitAsync(IReadOnlyList<Change> batch, CancellationToken cancellation);

    /// <summary>The job made by an earlier submission of this user with this request id.</summary>
    Task<JobId?> FindRequestAsync(string user, string requestId, CancellationToken cancellation);

    Task<StoredJob?> GetJobAsync(JobId job, CancellationToken cancellation);

    /// <summary>The jobs that fit, in the query's order, without their documents.</summary>
    Task<IReadOnlyList<StoredJob>> ListJobsAsync(JobQuery query, CancellationToken cancellation);

    /// <summary>What is needed to open an ended job again, as <see cref="OpenAsync"/> gives it for unfinished ones.</summary>
    Task<JobSnapshot?> LoadJobAsync(JobId job, CancellationToken cancellation);

    /// <summary>Ended attempts of the tasks in a range, by task and number of the attempt.</summary>
    Task<IReadOnlyList<StoredAttempt>> ListAttemptsAsync(JobId job, TaskRange tasks, CancellationToken cancellation);

    /// <summary>
    /// Attempts that ended their task, in order of position. An attempt whose task was retried by hand since is not its end any more.
    /// </summary>
    Task<IReadOnlyList<StoredAttempt>> ListEndedAsync(
        JobId job, long afterPosition, int limit, TaskState? only, CancellationToken cancellation);

    /// <summary>Tasks of the range that ended otherwise than by an attempt (cancelled, skipped), or whose last attempt was not their end, with the reason.</summary>
    Task<IReadOnlyList<StoredEnd>> ListEndsAsync(JobId job, TaskRange tasks, CancellationToken cancellation);

    /// <summary>
    /// Why tasks of a job were cancelled or skipped, those with the same reason together, the most first.
    /// </summary>
    /// <param name="limit">Most reasons.</param>
    Task<IReadOnlyList<EndReason>> ListEndReasonsAsync(JobId job, int limit, CancellationToken cancellation);

    /// <summary>
    /// Where tasks are that ended in one of these states, none of them Succeeded: ranges in order of task, which may overlap.
    /// </summary>
    /// <param name="after">Only tasks with larger numbers.</param>
    /// <param name="limit">Most ranges.</param>
    Task<IReadOnlyList<TaskRange>> FindEndedAsync(
        JobId job, IReadOnlyCollection<TaskState> states, int after, int limit, CancellationToken cancellation);

    /// <summary>Per node of a job, in order of node: how its attempts ended.</summary>
    Task<IReadOnlyList<NodeTally>> TallyNodesAsync(JobId job, CancellationToken cancellation);

    /// <summary>The failed tasks of a job, those whose last attempts ended alike together, the largest group first.</summary>
    /// <param name="limit">Most groups to give; all are counted.</param>
    Task<FailureList> GroupFailuresAsync(JobId job, int limit, CancellationToken cancellation);

    /// <summary>Tasks of the range that ended otherwise than by success, told to <paramref name="each"/> as ranges, in no order.</summary>
    /// <param name="many">Whether there are many of them: where there are few, they are found without a walk over the others.</param>
    Task FindUnsuccessfulAsync(JobId job, TaskRange tasks, bool many, Action<TaskRange, TaskState> each, CancellationToken cancellation);

    /// <summary>Ended attempts of a job within a time.</summary>
    Task<TimedAttempts> ListAttemptsAsync(JobId job, AttemptWindow window, CancellationToken cancellation);

    /// <summary>The last attempts that ended on a node within a time.</summary>
    Task<TimedAttempts> ListAttemptsAsync(NodeId node, AttemptWindow window, CancellationToken cancellation);

    /// <summary>Ended attempts of a job, in order of position, told to <paramref name="each"/> one after another while they are read.</summary>
    /// <param name="after">Only those behind this position; what ends later is behind all that have ended.</param>
    Task MeasureAsync(JobId job, long after, Action<MeasuredAttempt> each, CancellationToken cancellation);
}

/// <param name="State">Running while the job has not ended.</param>
/// <param name="Document">Empty in lists, which would otherwise read megabytes for each large job.</param>
/// <param name="Counts">Only of an ended job.</param>
internal sealed record StoredJob(
    JobId Job, string Name, string User, int Priority, JobState State, bool Held, ReadOnlyMemory<byte> Document,
    DateTimeOffset Submitted, DateTimeOffset? Started, DateTimeOffset? Ended, TaskCounts Counts)
{
    public ImmutableArray<string> Tags { get; init; } = [];
}

/// <param name="Next">State of the task after this attempt.</param>
/// <param name="Reason">Where it has failed: why.</param>
internal sealed record StoredAttempt(
    TaskId Task, int Attempt, Lease Lease, NodeId Node, AttemptResult Result, long Position, TaskState Next, string Reason,
    DateTimeOffset Ended);

internal sealed record FailureList(IReadOnlyList<StoredFailures> Groups, int GroupCount, int TaskCount);

/// <param name="First">The one that failed first.</param>
/// <param name="Tasks">The smallest numbers among them.</param>
internal sealed record StoredFailures(int Count, StoredAttempt First, IReadOnlyList<int> Tasks);

/// <summary>What an ended attempt took.</summary>
/// <param name="Cpu">User and system time together.</param>
internal readonly record struct MeasuredAttempt(
    long Position, int Task, int Attempt, string Node, AttemptOutcome Outcome, DateTimeOffset? Started, DateTimeOffset Ended, TimeSpan Wall, TimeSpan Cpu, long PeakMemoryBytes);

/// <summary>Tasks that were cancelled or skipped for the same reason.</summary>
/// <param name="First">The smallest number among them.</param>
internal readonly record struct EndReason(TaskState State, string Reason, long Tasks, int First);

internal readonly record struct StoredEnd(TaskRange Tasks, TaskState State, string Reason, DateTimeOffset At);

/// <summary>The store can not do what it must. Ends the server.</summary>
internal sealed class StoreException : Exception
{
    public StoreException(string message)
        : base(message)
    {
    }

    public StoreException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>The store does not take what it was given, because a constraint forbids it. Its caller's failure, and nobody else's.</summary>
internal sealed class DataRefusedException(Exception inner) : Exception($"the store refused this: {inner.Message}", inner);
