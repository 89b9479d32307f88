using System.Collections.Immutable;
using Artel.Core;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>Reads from the tables what the rules start from. Used inside one transaction, so that what it reads fits together.</summary>
internal sealed class SnapshotReader(SqliteConnection connection, Func<ReadOnlyMemory<byte>, JobSpec> readSpec)
{
    public ClusterSnapshot ReadAll(long epoch)
    {
        var unfinished = connection.Query(
            "SELECT job FROM jobs WHERE state = $running ORDER BY job",
            row => new JobId(row.GetInt64(0)),
            ("$running", (int)JobState.Running));
        var open = ReadOpenLeases(null);
        var cancels = ReadCancels();
        return new ClusterSnapshot(
            epoch,
            connection.ReadMeta("last_job"),
            connection.ReadMeta("last_position"),
            [.. unfinished.Select(job => ReadJob(job, open.GetValueOrDefault(job) ?? [], cancels)!)],
            connection.Query(NodeRow.SelectAll, NodeRow.Read))
        {
            Limits = connection.Query("SELECT tag, most FROM limits ORDER BY tag", row => new LimitSet(row.GetString(0), row.GetInt32(1))),
            StoredBytes = StoredBytesWriter.ReadAll(connection),
            LostAfterBefore = StoredTime.ToDuration(connection.ReadMeta("lost_after")),
        };
    }

    public JobSnapshot? ReadJob(JobId job) => ReadJob(job, ReadOpenLeases(job).GetValueOrDefault(job) ?? [], ReadCancels());

    private JobSnapshot? ReadJob(JobId job, List<OpenLease> open, Dictionary<Lease, string> cancels) => connection.Query(
        "SELECT held, submitted, started, document, user, priority FROM jobs JOIN job_documents USING(job) WHERE job = $job",
        row =>
        {
            var document = row.GetFieldValue<byte[]>(3);
            return new JobSnapshot(
                job,
                // The submission does not say who sent it: the server found that out.
                readSpec(document) with { User = row.GetString(4) },
                document,
                row.GetInt32(0) != 0,
                StoredTime.ToTime(row.GetInt64(1)),
                row.IsDBNull(2) ? null : StoredTime.ToTime(row.GetInt64(2)),
                ReadEnded(job),
                ReadHistories(job),
                open,
                [.. open.Where(lease => cancels.ContainsKey(lease.Lease)).Select(lease => new CancelledTask(lease.Task, cancels[lease.Lease])).OrderBy(c => c.Task)])
            {
                Earlier = ReadEarlier(job, row.GetString(4)),
                Shares = ReadTallies(connection, job),
                Priority = row.GetInt32(5),
            };
        },
        ("$job", job.Value)).SingleOrDefault();

    private List<(Lease UpTo, JobSpec Spec)> ReadEarlier(JobId job, string user) => connection.Query(
        "SELECT epoch, sequence, document FROM job_revisions WHERE job = $job ORDER BY epoch, sequence",
        row => (ReadLease(row), readSpec(row.GetFieldValue<byte[]>(2)) with { User = user }),
        ("$job", job.Value));

    /// <summary>Per node of a job, in order of node: how its attempts ended.</summary>
    public static List<NodeTally> ReadTallies(SqliteConnection connection, JobId job) => connection.Query(
        "SELECT node, succeeded, failed FROM job_nodes WHERE job = $job ORDER BY node",
        row => new NodeTally(new NodeId(row.GetString(0)), row.GetInt32(1), row.GetInt32(2)),
        ("$job", job.Value));

    private List<EndedTasks> ReadEnded(JobId job)
    {
        var ended = new List<EndedTasks>();
        // It comes in order from the index alone.
        connection.ForEach(
            """
            SELECT task, task, next FROM attempts WHERE job = $job AND next >= 5 AND superseded IS NULL ORDER BY task
            """,
            row => AddOrJoin(
                ended, new EndedTasks(new TaskRange(row.GetInt32(0), row.GetInt32(1)), (TaskState)row.GetInt32(2))),
            ("$job", job.Value));
        connection.ForEach(
            "SELECT first, last, tasks, state FROM task_ends WHERE job = $job ORDER BY first",
            row => ended.AddRange(
                TaskEndRows.ReadTasks(row).Ranges.Select(range => new EndedTasks(range, (TaskState)row.GetInt32(3)))),
            ("$job", job.Value));
        var joined = new List<EndedTasks>(ended.Count);
        foreach (var next in ended.OrderBy(e => e.Tasks.First))
        {
            AddOrJoin(joined, next);
        }

        return joined;
    }

    private static void AddOrJoin(List<EndedTasks> ended, EndedTasks next)
    {
        if (ended.Count > 0 && ended[^1].State == next.State && ended[^1].Tasks.Last + 1 == next.Tasks.First)
        {
            ended[^1] = ended[^1] with { Tasks = new TaskRange(ended[^1].Tasks.First, next.Tasks.Last) };
        }
        else
        {
            ended.Add(next);
        }
    }

    private List<TaskHistorySnapshot> ReadHistories(JobId job) => connection.Query(
        "SELECT task, attempts, failures, losses, not_before, failed_on, not_started_on FROM histories WHERE job = $job ORDER BY task",
        row => new TaskHistorySnapshot(
            row.GetInt32(0),
            new TaskHistory(row.GetInt32(1), row.GetInt32(2), Nodes(row.GetString(3)))
            {
                FailedOn = row.IsDBNull(5) ? [] : Nodes(row.GetString(5)),
                NotStartedOn = row.IsDBNull(6) ? [] : Nodes(row.GetString(6)),
            },
            row.IsDBNull(4) ? null : StoredTime.ToTime(row.GetInt64(4))),
        ("$job", job.Value));

    private Dictionary<JobId, List<OpenLease>> ReadOpenLeases(JobId? job)
    {
        var settled = ReadSettled();
        var open = new Dictionary<JobId, List<OpenLease>>();
        connection.ForEach(
            """
            SELECT epoch, first_sequence, count, job, first_task, attempt, node, incarnation, granted FROM grants
            WHERE $job IS NULL OR job = $job ORDER BY epoch, first_sequence
            """,
            row =>
            {
                var granted = new LeaseRange(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2));
                var owner = new JobId(row.GetInt64(3));
                if (!open.TryGetValue(owner, out var leases))
                {
                    open[owner] = leases = [];
                }

                for (var i = 0; i < granted.Count; i++)
                {
                    if (!settled.Contains(granted[i]))
                    {
                        leases.Add(new OpenLease(
                            granted[i], granted, row.GetInt32(4) + i, row.GetInt32(5), new NodeId(row.GetString(6)),
                            new Incarnation(unchecked((ulong)row.GetInt64(7))), StoredTime.ToTime(row.GetInt64(8))));
                    }
                }
            },
            ("$job", job is { } one ? one.Value : DBNull.Value));
        return open;
    }

    // Leases of grants that are still there which are no longer open.
    private HashSet<Lease> ReadSettled() =>
    [
        .. connection.Query("SELECT epoch, sequence FROM returned", ReadLease),
        .. connection.Query(
            """
            SELECT a.epoch, a.sequence FROM grants g CROSS JOIN attempts a
            ON a.job = g.job AND a.task BETWEEN g.first_task AND g.first_task + g.count - 1 AND a.attempt = g.attempt
            WHERE a.epoch = g.epoch AND a.sequence BETWEEN g.first_sequence AND g.first_sequence + g.count - 1
            """,
            ReadLease),
    ];

    private Dictionary<Lease, string> ReadCancels() => connection.Query(
        "SELECT epoch, sequence, coalesce(reason, 'cancelled') FROM cancels", row => (Lease: ReadLease(row), Reason: row.GetString(2)))
        .ToDictionary(c => c.Lease, c => c.Reason);

    private static Lease ReadLease(SqliteDataReader row) => new(row.GetInt64(0), row.GetInt64(1));

    private static ImmutableArray<NodeId> Nodes(string text) =>
        text.Length == 0 ? [] : [.. text.Split(' ').Select(node => new NodeId(node))];
}
