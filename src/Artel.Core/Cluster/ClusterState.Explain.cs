using System.Globalization;

namespace Artel.Core;

/// <summary>Why things wait, in sentences for people.</summary>
public sealed partial class ClusterState
{
    /// <summary>How many sentences one answer has at the most.</summary>
    private const int Enough = 8;

    /// <summary>Why a task of an unfinished job is not running. Empty where nothing is in its way, or where it runs or has ended.</summary>
    public IReadOnlyList<string> Explain(TaskId task, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(task.Job, out var job) || task.Number < 1 || task.Number > job.Spec.TaskCount)
        {
            return [];
        }

        var template = job.TemplateOf(task.Number);
        var offset = task.Number - template.Spec.FirstTask;
        switch (template.StateOf(offset))
        {
            case TaskState.Waiting:
                return [.. ExplainPending(job).Concat(ExplainWaiting(template, offset)).Take(Enough)];
            case TaskState.Leased when template.AttemptOf(offset)!.Node is var node:
                return [$"leased to node {node.Id}, which has not started it yet" + Absence(node)];
            case TaskState.Running when template.AttemptOf(offset)!.Node is { Condition: not NodeCondition.Connected } node:
                return [$"ran on node {node.Id} when last heard of" + Absence(node)];
            case TaskState.Running when template.AttemptOf(offset) is { } killed
                && killed.Node.Unended.FirstOrDefault(u => u.Lease == killed.Lease) is { Reason: { } reason }:
                return [$"was killed on node {killed.Node.Id} and has not ended: {reason}"];
            case TaskState.Running when template.AttemptOf(offset) is { Node: { DrainDeadline: { } deadline } node } attempt:
                var then = BelongsToAnyNode(attempt) ? "starts again on another" : "waits for it to work again";
                return [$"runs on node {node.Id}, which is draining {Moment(deadline)}{Because(node)}: if it has not ended by then, it is ended and {then}"];
            case TaskState.Ready:
                return [.. ExplainReady(template, offset, now)];
            default:
                return [];
        }
    }

    /// <summary>Why an unfinished job makes no progress: one sentence for each of the first few reasons.</summary>
    public IReadOnlyList<string> Explain(JobId id, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return [];
        }

        if (job.Held)
        {
            return ["the job is held: release it with 'artel release " + id + "'"];
        }

        if (job.IsPending)
        {
            return [.. ExplainPending(job).Take(Enough)];
        }

        var reasons = new List<string>();
        foreach (var section in job.Sections)
        {
            if (section.Next() is { IsWaiting: false } template && section.Free > 0)
            {
                reasons.AddRange(ObstaclesAt(section.Spec.Node, template).Take(1));
            }
        }

        // What hinders one template of a class hinders all.
        foreach (var template in job.Templates.Where(t => t.QueuedIn is not null).DistinctBy(t => t.QueuedIn))
        {
            reasons.AddRange(ObstaclesAnywhere(template).Take(1));
        }

        foreach (var (task, node) in job.Bound.Values.OrderBy(b => b.Key).DistinctBy(b => b.Value))
        {
            reasons.AddRange(ObstaclesAt(node, job.TemplateOf(task)).Take(1));
        }

        foreach (var task in job.Avoiding.Values.Keys.GroupBy(t => job.TemplateOf(t)).Select(g => g.Min()).Order())
        {
            reasons.AddRange(ObstaclesAnywhere(job.TemplateOf(task)).Take(1));
        }

        return [.. reasons.Distinct().Take(Enough)];
    }

    /// <summary>Why the first of a job's tasks that wait does so, if none of its tasks is assigned to a node, or if the quota of its user holds it back.</summary>
    public IReadOnlyList<string> ExplainFirst(JobId id, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return [];
        }

        if (job.InFlight.Count > 0)
        {
            return job.User.Limit is { Room: 0 } && job.Templates.FirstOrDefault(t => t.OpenCount > 0 && !t.IsWaiting && t.FreePlaces > 0) is { } held
                && ExplainLimits(held) is { } why ? [why] : [];
        }

        foreach (var template in job.Templates.Where(t => t.OpenCount > 0))
        {
            var offset = !template.Fresh.IsEmpty ? template.Fresh.First
                : Enumerable.Range(0, template.Spec.Count).First(o => !template.StateOf(o).HasEnded() && !template.IsBlocked(o));
            return [.. Explain(template.TaskAt(offset), now).Select(reason => $"task {template.TaskAt(offset)} {reason}")];
        }

        return [];
    }

    private IEnumerable<string> ExplainPending(Job job)
    {
        if (job.WaitsUntil is { } start)
        {
            yield return $"is not to start {Moment(start, "before")}";
        }

        foreach (var on in job.Awaits.OrderBy(a => a.Job).ThenBy(a => a.Task))
        {
            var other = _jobs[on.Job];
            var what = on.AnyOutcome ? "to end" : "to succeed";
            if (on.Task > 0)
            {
                var needed = other.TemplateOf(on.Task);
                var state = needed.StateOf(on.Task - needed.Spec.FirstTask).ToString().ToLowerInvariant();
                yield return $"waits for task {new TaskId(on.Job, on.Task)} {what}, which is {state}";
            }
            else
            {
                var ended = other.Spec.TaskCount - other.Unfinished;
                yield return string.Create(CultureInfo.InvariantCulture, $"waits for job {on.Job} {what}: {ended} of {other.Spec.TaskCount} tasks have ended");
            }
        }
    }

    private static IEnumerable<string> ExplainWaiting(Template template, int offset)
    {
        foreach (var (needed, on) in template.After())
        {
            if (on.Each)
            {
                var state = needed.StateOf(offset);
                if (!state.HasEnded())
                {
                    yield return $"waits for task {needed.TaskAt(offset)} of {NameOf(needed)}, which is {state.ToString().ToLowerInvariant()}";
                }
            }
            else if (!needed.Meets(on))
            {
                var (count, what) = on.AnyOutcome ? (needed.EndedCount, "ended") : (needed.SucceededCount, "succeeded");
                yield return string.Create(CultureInfo.InvariantCulture, $"waits for {NameOf(needed)}: {count} of {needed.Spec.Count} have {what}");
            }
        }
    }

    private IEnumerable<string> ExplainReady(Template template, int offset, DateTimeOffset now)
    {
        if (template.Job.Held)
        {
            return [$"its job is held: release it with 'artel release {template.Job.Id}'"];
        }

        if (template.Job.BackingOff.TryGet(template.NumberAt(offset), out var notBefore))
        {
            var left = Math.Max(0, (notBefore - now).TotalSeconds);
            var waits = string.Create(
                CultureInfo.InvariantCulture, $"waits {left:0.#} s for retry {template.HistoryOf(offset).Failures} of {template.Spec.Retry.Retries}");
            return [waits, .. ExplainAvoided(template, offset)];
        }

        if (template.FreePlaces == 0)
        {
            return [string.Create(CultureInfo.InvariantCulture, $"waits for its turn: {NameOf(template)} runs at most {template.Spec.AtOnce} at once")];
        }

        if (ExplainLimits(template) is { } held)
        {
            return [held];
        }

        if (template.Job.Bound.TryGet(template.NumberAt(offset), out var bound))
        {
            return ObstaclesAt(bound, template);
        }

        if (template.Section is { } section && !HasStrayed(template, template.HistoryOf(offset)))
        {
            var own = ObstaclesAt(section.Spec.Node, template).ToArray();
            return own.Length > 0 ? own
                : section.Free > 0 && section.Next() == template ? [$"next on node {section.Spec.Node}"]
                : [string.Create(CultureInfo.InvariantCulture, $"waits for its turn in the list of node {section.Spec.Node}, which runs {section.Spec.AtOnce} at once")];
        }

        var obstacles = ObstaclesAnywhere(template).ToArray();
        return [.. obstacles.Length > 0 ? obstacles : ["waits until a node has room for it"], .. ExplainAvoided(template, offset)];
    }

    private IEnumerable<string> ExplainAvoided(Template template, int offset)
    {
        if (template.AvoidedBy(offset) is not { IsEmpty: false } avoided)
        {
            return [];
        }

        var names = $"{(avoided.Length == 1 ? "node" : "nodes")} {string.Join(", ", avoided.Sort())}, where it {(template.HistoryOf(offset).NotStartedOn.IsEmpty ? "failed" : "could not be started")}";
        return _nodes.Values.Any(n => n.Takes(template) && !avoided.Contains(n.Id))
            ? [$"avoids {names}"]
            : [$"would avoid {names}, but no other node could run it now"];
    }

    private IEnumerable<string> ObstaclesAt(NodeId id, Template template)
    {
        if (!_nodes.TryGetValue(id, out var node))
        {
            return [$"no node has the id {id}: start one with 'artel node start --id {id}'"];
        }

        if (!node.CanEverFit(template.Spec.Needs))
        {
            return [$"node {id} can never meet its needs ({Describe(template.Spec.Needs)})"];
        }

        return node.Condition != NodeCondition.Connected ? [$"node {id} is {node.Condition.ToString().ToLowerInvariant()}: start it again"]
            : node.Draining ? [$"node {id} is draining{(node.DrainDeadline is { } deadline ? $" {Moment(deadline)}" : "")}{Because(node)}: 'artel node resume {id}' lets it work again"]
            : node.Obstacle(template.Job.Spec.User) is { Length: > 0 } obstacle ? [$"node {id} takes no work: {obstacle}"]
            : [];
    }

    private IEnumerable<string> ObstaclesAnywhere(Template template)
    {
        var labels = template.Spec.Labels;
        var connected = _nodes.Values.Where(n => n.Condition == NodeCondition.Connected && n.TakesAnyTask).ToArray();
        if (connected.Length == 0)
        {
            return [_nodes.Values.Any(n => n.Condition == NodeCondition.Connected)
                ? "only classic nodes are connected, which take what a map assigns to them: start another with 'artel node start'"
                : "no node is connected: start one with 'artel node start'"];
        }

        var labelled = connected.Where(n => n.Has(labels.AsSpan())).ToArray();
        if (labelled.Length == 0)
        {
            return [$"no connected node has the labels {string.Join(", ", labels.Select(l => $"{l.Key}={l.Value}"))}"];
        }

        var fitting = labelled.Where(n => n.CanEverFit(template.Spec.Needs)).ToArray();
        return fitting.Length == 0 ? [$"no connected node can ever meet its needs ({Describe(template.Spec.Needs)})"]
            : fitting.All(n => n.Draining) ? [$"all nodes that could run it are draining{Reasons(fitting)}"]
            : !fitting.Any(n => n.Takes(template)) ? [.. fitting.Select(n => (n.Id, Why: n.Obstacle(template.Job.Spec.User))).Where(n => n.Why.Length > 0).Select(n => $"node {n.Id} takes no work: {n.Why}")]
            : [];
    }

    private static string Because(NodeRecord node) => node.DrainReason.Length == 0 ? "" : $" ({node.DrainReason})";

    /// <summary>Why nodes drain, the first few of those that say so.</summary>
    private static string Reasons(IEnumerable<NodeRecord> nodes)
    {
        const int Most = 3;
        var reasons = nodes.Where(n => n.DrainReason.Length > 0).OrderBy(n => n.Id).Select(n => $"{n.Id}: {n.DrainReason}").ToArray();
        return reasons.Length == 0 ? "" : $" ({string.Join("; ", reasons.Take(Most))}{(reasons.Length > Most ? "; …" : "")})";
    }

    private static string Moment(DateTimeOffset moment, string word = "until") => string.Create(CultureInfo.InvariantCulture, $"{word} {moment:u}");

    private static string Absence(NodeRecord node) =>
        node.Condition == NodeCondition.Connected ? "" : $"; the node is {node.Condition.ToString().ToLowerInvariant()}";

    private static string Describe(Needs needs)
    {
        var parts = new List<string>();
        if (needs.MilliCpus > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{needs.MilliCpus / 1000.0:0.###} cpus"));
        }

        if (needs.MemoryBytes > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{needs.MemoryBytes / 1048576.0:0.#} MiB of memory"));
        }

        if (needs.MilliGpus > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{needs.MilliGpus / 1000.0:0.###} gpus"));
        }

        parts.AddRange(needs.Counters.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Amount} {c.Name}")));
        return string.Join(", ", parts);
    }
}
