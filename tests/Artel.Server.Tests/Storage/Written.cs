using System.Globalization;
using System.Text;
using Artel.Core;
using Artel.Server.Storage;

namespace Artel.Server.Tests.Storage;

/// <summary>
/// What is known of a cluster as text, a line for each fact, so that a difference between a store and the reference is one readable
/// line. Equal knowledge is equal text: ranges are written task by task, and a history that says no more than the task's end is left out.
/// </summary>
internal static class Written
{
    public static string Of(ClusterSnapshot snapshot)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"last job {snapshot.LastJob}, last position {snapshot.LastPosition}");
        foreach (var job in snapshot.Jobs)
        {
            text.Append(Of(job));
        }

        foreach (var node in snapshot.Nodes)
        {
            text.AppendLine(Of(node));
        }

        text.AppendLine(Of(snapshot.Limits)).AppendLine(Of(snapshot.StoredBytes));

        return text.ToString();
    }

    /// <summary>What a store that was opened again must give.</summary>
    public static string Of(ReferenceCluster reference)
    {
        var text = new StringBuilder();
        var lastJob = reference.Jobs.Count == 0 ? 0 : reference.Jobs.Keys.Max();
        text.AppendLine(CultureInfo.InvariantCulture, $"last job {lastJob}, last position {reference.LastPosition}");
        foreach (var job in reference.Jobs.Values.Where(job => job.End is null))
        {
            text.Append(Of(reference, job));
        }

        foreach (var node in reference.Nodes.Values)
        {
            text.AppendLine(Of(node));
        }

        text.AppendLine(Of(reference.Limits.Values)).AppendLine(Of(reference.StoredBytes));

        return text.ToString();
    }

    public static string Of(JobSnapshot job)
    {
        var ended = new Dictionary<int, TaskState>();
        foreach (var range in job.Ended)
        {
            for (var number = range.Tasks.First; number <= range.Tasks.Last; number++)
            {
                Assert.True(ended.TryAdd(number, range.State), $"task {number} of job {job.Job} has ended twice");
            }
        }

        return Lines(
            job.Job, job.Spec, job.Priority, job.Document, job.Held, job.Submitted, job.Started, ended,
            job.Histories.ToDictionary(history => history.Task, history => (history.History, history.NotBefore)),
            job.Open,
            job.CancelRequested);
    }

    public static string Of(ReferenceCluster reference, JobModel job)
    {
        var open = reference.Open.Values.Where(lease => job.Granted.Contains(lease.Granted)).ToList();
        return Lines(
            job.Made.Job, job.Spec, job.Priority, job.Document, job.Held, job.Made.At, job.Started,
            job.Tasks.Where(task => task.Ended is not null).ToDictionary(task => task.Number, task => task.Ended!.Value),
            job.Tasks.ToDictionary(task => task.Number, task => (task.History, task.NotBefore)),
            open,
            open.Where(lease => reference.Cancels.ContainsKey(lease.Lease)).Select(lease => new CancelledTask(lease.Task, reference.Cancels[lease.Lease])));
    }

    public static string Of(StoredAttempt attempt)
    {
        var result = attempt.Result;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            attempt {attempt.Task}/{attempt.Attempt} lease {attempt.Lease} on {attempt.Node} at {attempt.Position}: {result.Outcome} {result.ExitStatus} {result.Signal} '{result.Message}' {result.Started:O} {result.Usage} next {attempt.Next} '{attempt.Reason}' {attempt.Ended:O} stdout {Of(result.Stdout)} stderr {Of(result.Stderr)}
            """);
    }

    public static string Of(StoredJob job) => string.Create(
        CultureInfo.InvariantCulture,
        $"job {job.Job} '{job.Name}' by '{job.User}' {job.Priority} {job.State} held {job.Held} {job.Submitted:O} {job.Started:O} {job.Ended:O} {job.Counts} tags {string.Join(' ', job.Tags)}");

    private static string Of(IEnumerable<LimitSet> limits) => $"limits {string.Join(' ', limits.Select(l => $"{l.Tag}={l.Most}"))}";

    private static string Of(IReadOnlyDictionary<string, long> bytes) =>
        $"stored {string.Join(' ', bytes.OrderBy(b => b.Key, StringComparer.Ordinal).Select(b => $"{b.Key}={b.Value}"))}";

    private static string Of(KeptOutput output) => string.Create(
        CultureInfo.InvariantCulture,
        $"{output.Length}/{output.Written} in {output.Segment} at {output.Offset} [{Convert.ToHexString(output.Inline.Span)}]");

    private static string Of(NodeSnapshot node)
    {
        var description = node.Description;
        var resources = description.Resources;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            node {node.Node} {node.Incarnation} {node.Condition} draining {node.Draining} {node.DrainDeadline:O} seen {node.LastSeen:O} {description.Kind} {description.Version} {description.Host} {description.Address} {resources.MilliCpus} {resources.MemoryBytes} {resources.MilliGpus} {string.Join(',', resources.Counters)} {string.Join(',', description.Labels)}
            """);
    }

    private static string Lines(
        JobId job, JobSpec spec, int priority, ReadOnlyMemory<byte> document, bool held, DateTimeOffset submitted, DateTimeOffset? started,
        Dictionary<int, TaskState> ended, Dictionary<int, (TaskHistory History, DateTimeOffset? NotBefore)> histories,
        IEnumerable<OpenLease> open, IEnumerable<CancelledTask> cancels)
    {
        var lines = new List<string>
        {
            string.Create(
                CultureInfo.InvariantCulture,
                $"job {job} '{spec.Name}' by '{spec.User}' {priority} held {held} {submitted:O} {started:O} [{Convert.ToHexString(document.Span)}]"),
        };
        lines.AddRange(ended.OrderBy(task => task.Key).Select(task => $"  task {task.Key} {task.Value}"));
        foreach (var (task, (history, notBefore)) in histories.OrderBy(history => history.Key))
        {
            var saysNothing = history.Attempts == 0
                || (history is { Attempts: 1, Failures: 0, Losses.IsEmpty: true } && ended.GetValueOrDefault(task) == TaskState.Succeeded);
            if (!saysNothing)
            {
                lines.Add($"  history of {task}: {history.Attempts} {history.Failures} [{string.Join(',', history.Losses)}] [{string.Join(',', history.FailedOn)}] {notBefore:O}");
            }
        }

        lines.AddRange(open.OrderBy(lease => (lease.Lease.Epoch, lease.Lease.Sequence)).Select(lease => $"  open {lease}"));
        lines.AddRange(cancels.OrderBy(c => c.Task).Select(c => $"  to be cancelled {c.Task}: {c.Reason}"));
        return string.Join('\n', lines) + "\n";
    }
}
