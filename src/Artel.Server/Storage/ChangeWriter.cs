using System.Diagnostics;
using System.Runtime.InteropServices;
using Artel.Core;
using Artel.Server.Accounting;
using Artel.Server.Endings;
using Artel.Server.Events;
using Microsoft.Data.Sqlite;

namespace Artel.Server.Storage;

/// <summary>
/// Writes changes into the tables, with statements that are prepared once. Used only inside a write transaction of its database.
/// </summary>
internal sealed class ChangeWriter : IDisposable
{
    private readonly List<Statement> _statements = [];
    private readonly Dictionary<(JobId Job, NodeId Node), NodeTally> _tallies = [];
    private readonly Statement _job;
    private readonly Statement _document;
    private readonly Statement _jobStarted;
    private readonly Statement _jobHeld;
    private readonly Statement _jobPriority;
    private readonly Statement _jobRevised;
    private readonly Statement _documentRevised;
    private readonly Statement _documentBefore;
    private readonly Statement _revisionsGone;

    /// <summary>Unfinished jobs with rows in job_revisions.</summary>
    private readonly HashSet<JobId> _revised;
    private readonly Statement _jobEnded;
    private readonly Statement _jobReopened;
    private readonly Statement _grant;
    private readonly Statement _grantSettled;
    private readonly Statement _returnedSettled;
    private readonly Statement _cancelsSettled;
    private readonly Statement _returned;
    private readonly Statement _cancel;
    private readonly Statement _attempt;
    private readonly Statement _history;
    private readonly Statement _tally;
    private readonly TaskEndRows _ends;
    private readonly Statement _node;
    private readonly Statement _nodeDisconnected;
    private readonly Statement _nodeDraining;
    private readonly Statement _nodeForgotten;
    private readonly Statement _limit;
    private readonly Statement _limitGone;
    private readonly Statement _lastJob;
    private readonly Statement _lastPosition;
    private readonly StoredBytesWriter _bytes;
    private readonly EndingWriter _endings;
    private readonly RetryWriter _retries;
    private readonly EventRows _events;
    private readonly UsageRows _usage;

    public ChangeWriter(SqliteConnection connection, TimeProvider time, Func<ReadOnlyMemory<byte>, OnEndTerms?> readOnEnd)
    {
        _events = new EventRows(connection, time);
        _usage = new UsageRows(connection);
        _job = Prepare("""
            INSERT INTO jobs(job, name, user, priority, state, held, request_id, submitted, tags) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """);
        _document = Prepare("INSERT INTO job_documents(job, document) VALUES(?1, coalesce(?2, x''))");
        _jobStarted = Prepare("UPDATE jobs SET started = ?2 WHERE job = ?1");
        _jobHeld = Prepare("UPDATE jobs SET held = ?2 WHERE job = ?1");
        _jobPriority = Prepare("UPDATE jobs SET priority = ?2 WHERE job = ?1");
        _jobRevised = Prepare("UPDATE jobs SET name = ?2 WHERE job = ?1");
        _documentRevised = Prepare("UPDATE job_documents SET document = coalesce(?2, x'') WHERE job = ?1");

        // Of two without a lease between them, the first says what leases up to there were granted with.
        _documentBefore = Prepare("""
            INSERT INTO job_revisions(job, epoch, sequence, document)
            SELECT job, ?2, ?3, document FROM job_documents WHERE job = ?1 ON CONFLICT DO NOTHING
            """);
        _revisionsGone = Prepare("DELETE FROM job_revisions WHERE job = ?1");
        _revised = [.. connection.Query("SELECT DISTINCT job FROM job_revisions", row => new JobId(row.GetInt64(0)))];
        _jobEnded = Prepare("""
            UPDATE jobs SET state = ?2, ended = ?3, total = ?4, succeeded = ?5, failed = ?6, cancelled = ?7, skipped = ?8 WHERE job = ?1
            """);
        _jobReopened = Prepare("""
            UPDATE jobs SET state = ?2, ended = NULL, total = NULL, succeeded = NULL, failed = NULL, cancelled = NULL, skipped = NULL
            WHERE job = ?1
            """);
        _grant = Prepare("""
            INSERT INTO grants(epoch, first_sequence, count, job, first_task, attempt, node, incarnation, granted)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """);
        _grantSettled = Prepare("DELETE FROM grants WHERE epoch = ?1 AND first_sequence = ?2");
        _returnedSettled = Prepare("DELETE FROM returned WHERE epoch = ?1 AND sequence BETWEEN ?2 AND ?3");
        _cancelsSettled = Prepare("DELETE FROM cancels WHERE epoch = ?1 AND sequence BETWEEN ?2 AND ?3");
        _returned = Prepare("INSERT INTO returned(epoch, sequence) VALUES(?1, ?2)");
        _cancel = Prepare("INSERT INTO cancels(epoch, sequence, reason) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING");
        _attempt = Prepare(AttemptRow.Insert);
        _history = Prepare("""
            INSERT INTO histories(job, task, attempts, failures, losses, not_before, failed_on, not_started_on) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT(job, task) DO UPDATE SET
              attempts = excluded.attempts, failures = excluded.failures, losses = excluded.losses, not_before = excluded.not_before,
              failed_on = excluded.failed_on, not_started_on = excluded.not_started_on
            """);
        _tally = Prepare("""
            INSERT INTO job_nodes(job, node, succeeded, failed) VALUES(?1, ?2, ?3, ?4)
            ON CONFLICT(job, node) DO UPDATE SET succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed
            """);
        _node = Prepare(NodeRow.Upsert);
        _nodeDisconnected = Prepare("UPDATE nodes SET condition = ?2, last_seen = ?3 WHERE node = ?1");
        _nodeDraining = Prepare(
            "UPDATE nodes SET draining = ?2, drain_deadline = ?3, drain_reason = coalesce(?4, '') WHERE node = ?1");
        _nodeForgotten = Prepare("DELETE FROM nodes WHERE node = ?1");
        _limit = Prepare("INSERT INTO limits(tag, most) VALUES(?1, ?2) ON CONFLICT(tag) DO UPDATE SET most = excluded.most");
        _limitGone = Prepare("DELETE FROM limits WHERE tag = ?1");
        _lastJob = Prepare("UPDATE meta SET value = max(value, ?1) WHERE key = 'last_job'");
        _lastPosition = Prepare("UPDATE meta SET value = max(value, ?1) WHERE key = 'last_position'");
        _bytes = new StoredBytesWriter(connection);
        _endings = new EndingWriter(connection, readOnEnd);
        _ends = new TaskEndRows(connection);
        _retries = new RetryWriter(connection, _ends);

        Statement Prepare(string sql)
        {
            var statement = new Statement(connection, sql);
            _statements.Add(statement);
            return statement;
        }
    }

    /// <summary>
    /// Whether a change leaves anything in the tables. Not the start of a process, nor what ails a node: the node says both again when it
    /// connects. Not that a job waits no more: what it waited for tells that too.
    /// </summary>
    public static bool IsStored(Change change) => change is not (AttemptStarted or NodeReported or NodeStartsJudged or MoveRequested or DependencyMet or StartTimeReached);

    /// <summary>Writes a batch, in its order.</summary>
    public void Write(IReadOnlyList<Change> batch)
    {
        _tallies.Clear();
        var (job, position) = (0L, 0L);
        foreach (var change in batch)
        {
            Write(change);
            job = change is JobSubmitted submitted ? Math.Max(job, submitted.Job.Value) : job;
            position = change is AttemptEnded ended ? Math.Max(position, ended.Position) : position;
        }

        foreach (var (key, tally) in _tallies)
        {
            _tally.Set(1, key.Job.Value).Set(2, key.Node.Value).Set(3, tally.Succeeded).Set(4, tally.FailedAttempts).Run();
        }

        _bytes.Write();
        if (job > 0)
        {
            _lastJob.Set(1, job).Run();
        }

        if (position > 0)
        {
            _lastPosition.Set(1, position).Run();
        }

        _usage.Write();
        _events.Write(batch);
    }

    public void Dispose()
    {
        _bytes.Dispose();
        _endings.Dispose();
        _retries.Dispose();
        _ends.Dispose();
        _events.Dispose();
        _usage.Dispose();
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }
    }

    private void Write(Change change)
    {
        switch (change)
        {
            case AttemptEnded ended:
                Write(ended);
                break;
            case LeasesGranted granted:
                Write(granted);
                break;
            case LeaseReturned returned:
                Write(returned);
                break;
            case var _ when !IsStored(change):
                break;
            case JobPriorityChanged changed:
                _jobPriority.Set(1, changed.Job.Value).Set(2, changed.Priority).Run();
                break;
            case JobRevised revised:
                Write(revised);
                break;
            case LimitSet { Most: { } most } limit:
                _limit.Set(1, limit.Tag).Set(2, most).Run();
                break;
            case UserLimitsSet:
                // Kept with the quotas. What is written of it here is its event.
                break;
            case LimitSet limit:
                _limitGone.Set(1, limit.Tag).Run();
                break;
            case CancelRequested cancel:
                _cancel.Set(1, cancel.Lease.Epoch).Set(2, cancel.Lease.Sequence).Set(3, cancel.Reason).Run();
                break;
            case TasksEnded ended:
                _ends.Write(ended);
                break;
            case TasksRetried retried:
                _retries.Write(retried);
                break;
            case JobSubmitted submitted:
                Write(submitted);
                break;
            case JobStarted started:
                _jobStarted.Set(1, started.Job.Value).Set(2, started.At.ToMicroseconds()).Run();
                break;
            case JobHeldOrReleased held:
                _jobHeld.Set(1, held.Job.Value).Set(2, held.Held ? 1 : 0).Run();
                break;
            case JobEnded ended:
                Write(ended);
                break;
            case JobReopened reopened:
                _jobReopened.Set(1, reopened.Job.Value).Set(2, (int)JobState.Running).Run();
                break;
            case NodeConnected connected:
                NodeRow.Set(_node, connected).Run();
                break;
            case NodeDisconnected disconnected:
                _nodeDisconnected.Set(1, disconnected.Node.Value).Set(2, (int)disconnected.Condition)
                    .Set(3, disconnected.At.ToMicroseconds()).Run();
                break;
            case NodeDraining draining:
                _nodeDraining.Set(1, draining.Node.Value).Set(2, draining.Draining ? 1 : 0)
                    .Set(3, draining.Deadline.ToMicroseconds()).SetUnlessEmpty(4, draining.Reason).Run();
                break;
            case NodeForgotten forgotten:
                _nodeForgotten.Set(1, forgotten.Node.Value).Run();
                break;
            default:
                throw new UnreachableException($"the store knows no change '{change.GetType().Name}'");
        }
    }

    private void Write(JobSubmitted submitted)
    {
        var job = submitted.Job.Value;
        _job.Set(1, job).Set(2, submitted.Spec.Name).Set(3, submitted.Spec.User).Set(4, submitted.Spec.Priority)
            .Set(5, (int)JobState.Running).Set(6, submitted.Held ? 1 : 0).SetUnlessEmpty(7, submitted.RequestId)
            .Set(8, submitted.At.ToMicroseconds()).SetUnlessEmpty(9, string.Join(' ', submitted.Spec.Tags)).Run();
        _document.Set(1, job).SetUnlessEmpty(2, submitted.Document.Span).Run();
        _bytes.Add(submitted);
        _endings.Write(submitted);
    }

    private void Write(JobRevised revised)
    {
        var job = revised.Job.Value;
        _documentBefore.Set(1, job).Set(2, revised.UpTo.Epoch).Set(3, revised.UpTo.Sequence).Run();
        _documentRevised.Set(1, job).SetUnlessEmpty(2, revised.Document.Span).Run();
        _jobRevised.Set(1, job).Set(2, revised.Spec.Name).Run();
        _revised.Add(revised.Job);
        _bytes.Add(revised);
    }

    private void Write(JobEnded ended)
    {
        if (_revised.Remove(ended.Job))
        {
            _revisionsGone.Set(1, ended.Job.Value).Run();
        }

        var counts = ended.Counts;
        _jobEnded.Set(1, ended.Job.Value).Set(2, (int)ended.State).Set(3, ended.At.ToMicroseconds()).Set(4, counts.Total)
            .Set(5, counts.Succeeded).Set(6, counts.Failed).Set(7, counts.Cancelled).Set(8, counts.Skipped).Run();
        _bytes.Forget(ended.Job);
        _endings.Write(ended);
    }

    private void Write(LeasesGranted granted)
    {
        _grant.Set(1, granted.Leases.Epoch).Set(2, granted.Leases.FirstSequence).Set(3, granted.Leases.Count)
            .Set(4, granted.Job.Value).Set(5, granted.FirstTask).Set(6, granted.Attempt).Set(7, granted.Node.Value)
            .Set(8, unchecked((long)granted.Incarnation.Value)).Set(9, granted.At.ToMicroseconds()).Run();
    }

    private void Write(AttemptEnded ended)
    {
        AttemptRow.Set(_attempt, ended).Run();
        _bytes.Add(ended);
        _usage.Add(ended);
        if (!IsPlain(ended))
        {
            var history = ended.History;
            _history.Set(1, ended.Task.Job.Value).Set(2, ended.Task.Number).Set(3, history.Attempts).Set(4, history.Failures)
                .Set(5, string.Join(' ', history.Losses.Select(node => node.Value))).Set(6, ended.NotBefore.ToMicroseconds())
                .SetUnlessEmpty(7, string.Join(' ', history.FailedOn.Select(node => node.Value)))
                .SetUnlessEmpty(8, string.Join(' ', history.NotStartedOn.Select(node => node.Value))).Run();
        }

        ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(_tallies, (ended.Task.Job, ended.Node), out _);
        var succeeded = ended.Result.Outcome == AttemptOutcome.Succeeded ? 1 : 0;
        var failed = ended.Result.Outcome.IsFailure() ? 1 : 0;
        tally = new NodeTally(ended.Node, tally.Succeeded + succeeded, tally.FailedAttempts + failed);
        if (ended.GrantSettled)
        {
            Settle(ended.Granted);
        }
    }

    private void Write(LeaseReturned returned)
    {
        if (returned.GrantSettled)
        {
            Settle(returned.Granted);
        }
        else
        {
            _returned.Set(1, returned.Lease.Epoch).Set(2, returned.Lease.Sequence).Run();
        }
    }

    // A task that succeeded at its first attempt has no row in histories: this is what keeps a plain task at one row. No other
    // history of such a task can be there already, as any would count an attempt.
    private static bool IsPlain(AttemptEnded ended) =>
        ended is { Next: TaskState.Succeeded, Attempt: 1, History: { Attempts: 1, Failures: 0, Losses.IsEmpty: true } };

    private void Settle(LeaseRange granted)
    {
        var last = granted.FirstSequence + granted.Count - 1;
        _grantSettled.Set(1, granted.Epoch).Set(2, granted.FirstSequence).Run();
        _cancelsSettled.Set(1, granted.Epoch).Set(2, granted.FirstSequence).Set(3, last).Run();
        if (granted.Count > 1)
        {
            _returnedSettled.Set(1, granted.Epoch).Set(2, granted.FirstSequence).Set(3, last).Run();
        }
    }
}
