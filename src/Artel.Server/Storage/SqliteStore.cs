using System.Security.Cryptography;
using Artel.Core;
using Artel.Server.Endings;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>
/// The store of a server that stands alone: tables in the SQLite file of its data folder. The database is its owner's, who disposes
/// of it after this.
/// </summary>
/// <param name="time">For the times of events.</param>
/// <param name="readOnEnd">What follows the end of a job, by its document. Null: nothing ever does.</param>
internal sealed class SqliteStore(Database database, TimeProvider time, Func<ReadOnlyMemory<byte>, OnEndTerms?>? readOnEnd = null) : IClusterStore
{
    private Opened? _opened;

    public string ClusterId => Store.ClusterId;

    private Opened Store => _opened ?? throw new InvalidOperationException("the store is not open");

    public async Task<ClusterSnapshot> OpenAsync(Func<ReadOnlyMemory<byte>, JobSpec> readSpec, CancellationToken cancellation)
    {
        if (_opened is not null)
        {
            throw new InvalidOperationException("the store is open already");
        }

        _opened = await database.WriteAsync(
            connection => new Opened(
                MakeClusterId(connection), AdvanceEpoch(connection), readSpec, new ChangeWriter(connection, time, readOnEnd ?? (_ => null))),
            cancellation);
        CrashPoints.Hit(CrashPoint.EpochStored);

        // Leases are told apart by their epoch: should the log be damaged later, this epoch must not come a second time.
        await database.CheckpointAsync(cancellation);
        return await database.ReadAsync(connection => new SnapshotReader(connection, readSpec).ReadAll(_opened.Epoch), cancellation);
    }

    public Task KeepLostAfterAsync(TimeSpan lostAfter, CancellationToken cancellation) => database.WriteAsync(
        connection => connection.Execute(
            "INSERT INTO meta(key, value) VALUES('lost_after', $time) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
            ("$time", lostAfter.ToMicroseconds())),
        cancellation);

    public Task CommitAsync(IReadOnlyList<Change> batch, CancellationToken cancellation)
    {
        if (!batch.Any(ChangeWriter.IsStored))
        {
            // Not worth a sync of the disk; but a store that has failed does not accept even this.
            database.ThrowIfFailed();
            return Task.CompletedTask;
        }

        return database.WriteAsync(
            _ =>
            {
                try
                {
                    Store.Writer.Write(batch);
                }
                catch (SqliteException e)
                {
                    // The state in memory is ahead of this batch: whatever was refused, no later batch may be stored.
                    throw database.Fail(e);
                }

                CrashPoints.Hit(CrashPoint.RowsWritten);
                return batch.Count;
            },
            cancellation);
    }

    public Task<JobId?> FindRequestAsync(string user, string requestId, CancellationToken cancellation) => database.ReadAsync(
        connection => connection.Query(
            "SELECT job FROM jobs WHERE user = $user AND request_id = $request",
            row => (JobId?)new JobId(row.GetInt64(0)),
            ("$user", user),
            ("$request", requestId)).SingleOrDefault(),
        cancellation);

    public Task<StoredJob?> GetJobAsync(JobId job, CancellationToken cancellation) => database.ReadAsync(
        connection => connection.Query(
            $"SELECT {JobRow.Columns}, document FROM jobs JOIN job_documents USING(job) WHERE job = $job",
            row => JobRow.Read(row, row.GetFieldValue<byte[]>(JobRow.ColumnCount)),
            ("$job", job.Value)).SingleOrDefault(),
        cancellation);

    public Task<IReadOnlyList<StoredJob>> ListJobsAsync(JobQuery query, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<StoredJob>>(connection => JobList.Read(connection, query), cancellation);

    public Task<JobSnapshot?> LoadJobAsync(JobId job, CancellationToken cancellation) =>
        database.ReadAsync(connection => new SnapshotReader(connection, Store.ReadSpec).ReadJob(job), cancellation);

    public Task<IReadOnlyList<StoredAttempt>> ListAttemptsAsync(JobId job, TaskRange tasks, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<StoredAttempt>>(
            connection => connection.Query(
                $"SELECT {AttemptRow.Columns} FROM attempts WHERE job = $job AND task BETWEEN $first AND $last ORDER BY task, attempt",
                AttemptRow.Read,
                ("$job", job.Value),
                ("$first", tasks.First),
                ("$last", tasks.Last)),
            cancellation);

    public Task<IReadOnlyList<StoredAttempt>> ListEndedAsync(
        JobId job, long afterPosition, int limit, TaskState? only, CancellationToken cancellation)
    {
        // The few that failed among millions have an index, which SQLite takes only where it sees its very condition.
        var ended = only switch
        {
            null => "next >= 5 AND $only = 0",
            TaskState.Succeeded => "next = $only",
            _ => "next > 5 AND next = $only",
        };
        return database.ReadAsync<IReadOnlyList<StoredAttempt>>(
            connection => connection.Query(
                $"""
                SELECT {AttemptRow.Columns} FROM attempts
                WHERE job = $job AND position > $after AND {ended} AND superseded IS NULL ORDER BY position LIMIT $limit
                """,
                AttemptRow.Read,
                ("$job", job.Value),
                ("$after", afterPosition),
                ("$only", (int)(only ?? 0)),
                ("$limit", limit)),
            cancellation);
    }

    public Task<IReadOnlyList<StoredEnd>> ListEndsAsync(JobId job, TaskRange tasks, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<StoredEnd>>(
            connection =>
            {
                var ends = new List<StoredEnd>();
                connection.ForEach(
                    "SELECT first, last, tasks, state, reason, ended FROM task_ends WHERE job = $job AND first <= $last AND last >= $first",
                    row =>
                    {
                        var (state, reason, at) = (
                            (TaskState)row.GetInt32(3), row.GetString(4), StoredTime.ToTime(row.GetInt64(5)));
                        ends.AddRange(TaskEndRows.ReadTasks(row).Within(tasks)
                            .Select(range => new StoredEnd(range, state, reason, at)));
                    },
                    ("$job", job.Value),
                    ("$first", tasks.First),
                    ("$last", tasks.Last));
                return [.. ends.OrderBy(end => end.Tasks.First)];
            },
            cancellation);

    public Task<IReadOnlyList<EndReason>> ListEndReasonsAsync(JobId job, int limit, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<EndReason>>(
            connection => AttemptFigures.GroupEndReasons(connection, job, limit), cancellation);

    public Task<IReadOnlyList<TaskRange>> FindEndedAsync(
        JobId job, IReadOnlyCollection<TaskState> states, int after, int limit, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<TaskRange>>(connection => AttemptFigures.FindEnded(connection, job, states, after, limit), cancellation);

    public Task<IReadOnlyList<NodeTally>> TallyNodesAsync(JobId job, CancellationToken cancellation) =>
        database.ReadAsync<IReadOnlyList<NodeTally>>(connection => SnapshotReader.ReadTallies(connection, job), cancellation);

    public Task<FailureList> GroupFailuresAsync(JobId job, int limit, CancellationToken cancellation) =>
        database.ReadAsync(connection => AttemptFigures.GroupFailures(connection, job, limit), cancellation);

    public Task FindUnsuccessfulAsync(JobId job, TaskRange tasks, bool many, Action<TaskRange, TaskState> each, CancellationToken cancellation) =>
        database.ReadAsync(
            connection =>
            {
                AttemptFigures.FindUnsuccessful(connection, job, tasks, many, each, cancellation);
                return true;
            },
            cancellation);

    public Task<TimedAttempts> ListAttemptsAsync(JobId job, AttemptWindow window, CancellationToken cancellation) =>
        database.ReadAsync(connection => AttemptTimes.OfJob(connection, job, window), cancellation);

    public Task<TimedAttempts> ListAttemptsAsync(NodeId node, AttemptWindow window, CancellationToken cancellation) =>
        database.ReadAsync(connection => AttemptTimes.OfNode(connection, node, window), cancellation);

    public Task MeasureAsync(JobId job, long after, Action<MeasuredAttempt> each, CancellationToken cancellation) => database.ReadAsync(
        connection =>
        {
            AttemptFigures.Measure(connection, job, after, each, cancellation);
            return true;
        },
        cancellation);

    public ValueTask DisposeAsync()
    {
        _opened?.Writer.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string MakeClusterId(SqliteConnection connection)
    {
        connection.Execute(
            """
            INSERT INTO meta(key, value) VALUES('cluster_id', $id), ('epoch', 0), ('last_job', 0), ('last_position', 0)
            ON CONFLICT DO NOTHING
            """,
            ("$id", RandomNumberGenerator.GetHexString(16, lowercase: true)));
        return connection.Query("SELECT value FROM meta WHERE key = 'cluster_id'", row => row.GetString(0)).Single();
    }

    private static long AdvanceEpoch(SqliteConnection connection)
    {
        connection.Execute("UPDATE meta SET value = value + 1 WHERE key = 'epoch'");
        return connection.ReadMeta("epoch");
    }

    private sealed record Opened(string ClusterId, long Epoch, Func<ReadOnlyMemory<byte>, JobSpec> ReadSpec, ChangeWriter Writer);
}
