using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// Explains why tasks are where they are. Every unfinished task has a reason, and the counts of a job's reasons add
/// up to its unfinished tasks. An <see cref="ExplainBudget"/> bounds the work for one answer; tasks beyond it are
/// counted as not examined.
/// </summary>
public sealed partial class ClusterState
{
    /// <summary>How many reasons an answer about one task has at most.</summary>
    private const int MostOfOneTask = 8;

    /// <summary>How many of the jobs and tasks that a job waits for are looked at.</summary>
    private const int MostAwaited = 1000;

    /// <summary>
    /// Why the unfinished tasks of a job are where they are; null if there is no such unfinished job.
    /// </summary>
    public Explanation? Explain(JobId id, DateTimeOffset now, ExplainBudget? budget = null)
    {
        if (!_jobs.TryGetValue(id, out var job))
        {
            return null;
        }

        budget ??= new ExplainBudget();
        var tally = new ReasonTally();
        ExplainInFlight(job, tally, budget);
        var open = job.Unfinished - job.InFlight.Count;
        if ((open > 0 && job.Held) || job.IsPending)
        {
            var first = FirstOpen(job);
            Reason[] why = [.. job.Held ? [new JobHeld()] : (Reason[])[], .. ExplainPending(job).Take(MostOfOneTask)];
            for (var i = 0; i < why.Length; i++)
            {
                tally.Add(why[i], i == 0 ? open : 0, first);
            }
        }
        else if (open > 0)
        {
            ExplainOpen(job, tally, budget, now);
        }

        if (job.Unfinished > tally.Total)
        {
            tally.Add(new NotExamined(), job.Unfinished - tally.Total, 0);
        }

        return new Explanation(job.Unfinished, tally.ToReasons(budget.Reasons));
    }

    /// <summary>
    /// Explains why a task of an unfinished job waits or runs. The first reason counts the task, the others are
    /// additional. There are none if the task has ended. Returns null if the job has no such task.
    /// </summary>
    public Explanation? Explain(TaskId task, DateTimeOffset now)
    {
        if (!_jobs.TryGetValue(task.Job, out var job) || task.Number < 1 || task.Number > job.Spec.TaskCount)
        {
            return null;
        }

        var template = job.TemplateOf(task.Number);
        var offset = task.Number - template.Spec.FirstTask;
        if (template.StateOf(offset).HasEnded())
        {
            return new Explanation(0, []);
        }

        var reasons = ExplainOne(template, offset, now).Take(MostOfOneTask)
            .Select((r, i) => r with { Tasks = i == 0 ? 1 : 0, FirstTask = task.Number });
        return new Explanation(1, [.. reasons]);
    }

    private IEnumerable<CountedReason> ExplainOne(Template template, int offset, DateTimeOffset now)
    {
        var (job, number) = (template.Job, template.NumberAt(offset));
        if (template.AttemptOf(offset) is { } attempt)
        {
            ImmutableArray<NodeTasks> places = [new NodeTasks(attempt.Node.Id, 1)];
            return [new CountedReason(Why(attempt), 1, number) { Where = places, Since = attempt.Started }];
        }

        var reasons = new List<Reason>();
        if (job.Held)
        {
            reasons.Add(new JobHeld());
        }

        reasons.AddRange(ExplainPending(job).Take(MostOfOneTask));
        if (job.BackingOff.TryGet(number, out var notBefore))
        {
            var failures = template.HistoryOf(offset).Failures;
            reasons.Add(new BackingOff(notBefore, notBefore, failures, template.Spec.Retry.Retries));
        }

        reasons.AddRange(Unmet(template));
        if (template.IsBlocked(offset))
        {
            reasons.AddRange(UnmetElements(template, offset));
        }

        var avoids = Avoided(template, offset, new ExplainBudget());
        if (reasons.Count > 0)
        {
            return (avoids is null ? reasons : reasons.Append(avoids)).Select(r => new CountedReason(r, 0, number));
        }

        var (why, verdict) = (LimitOn(template), (CountedReason?)null);
        if (why is null && job.Bound.TryGet(number, out var bound))
        {
            why = new OnOneNode(bound, LackOf(bound, template, now));
        }

        if (why is null && template.Section is { } section && !HasStrayed(template, template.HistoryOf(offset)))
        {
            why = PlaceInList(section, template, now);
        }

        if (why is null)
        {
            var isCounted = offset > 0 && template.Fresh.RangeCount <= 10_000 && template.Fresh.Contains(offset);
            var earlier = isCounted ? template.Fresh.Each(new TaskRange(0, offset - 1)).Sum(r => r.Count) : 0;
            ImmutableArray<NodeId> avoided = avoids is { HasOther: true } ? avoids.Nodes : [];
            verdict = JudgeAnywhere(template, earlier, avoided, new ExplainBudget(), now);
            why = verdict.Why;
        }

        var counted = verdict ?? new CountedReason(why, 1, number);
        return avoids is null ? [counted] : [counted, new CountedReason(avoids, 0, number)];
    }

    private IEnumerable<Reason> ExplainPending(Job job)
    {
        if (job.WaitsUntil is { } start)
        {
            yield return new BeforeStartTime(start);
        }

        foreach (var on in job.Awaits.Take(MostAwaited).OrderBy(a => a.Job).ThenBy(a => a.Task))
        {
            var other = _jobs[on.Job];
            if (on.Task > 0)
            {
                var needed = other.TemplateOf(on.Task);
                var state = needed.StateOf(on.Task - needed.Spec.FirstTask);
                yield return new AfterTaskOfJob(new TaskId(on.Job, on.Task), on.AnyOutcome, state);
            }
            else
            {
                var total = other.Spec.TaskCount;
                yield return new AfterJob(on.Job, on.AnyOutcome, total - other.Unfinished, total);
            }
        }
    }

    /// <summary>What a template waits for as a whole.</summary>
    private static IEnumerable<Reason> Unmet(Template template)
    {
        foreach (var (needed, on) in template.IsWaiting ? template.After() : [])
        {
            if (!on.Each && !needed.Meets(on))
            {
                var done = on.AnyOutcome ? needed.EndedCount : needed.SucceededCount;
                yield return new AfterTemplate(Name(needed), on.AnyOutcome, done, needed.Spec.Count);
            }
        }
    }

    private static IEnumerable<Reason> UnmetElements(Template template, int offset)
    {
        foreach (var (needed, on) in template.After())
        {
            if (on.Each && needed.StateOf(offset) is var state && !state.HasEnded())
            {
                var number = needed.NumberAt(offset);
                yield return new AfterElement(new TemplateName(needed.Spec.Name, number, number), on.AnyOutcome, state);
            }
        }
    }

    /// <summary>The limit that holds the tasks of a template back; null if there is none.</summary>
    private Reason? LimitOn(Template template)
    {
        if (template.FreePlaces == 0)
        {
            return new AtOnceReached(Name(template), template.InFlightCount, template.Spec.AtOnce);
        }

        foreach (var limit in template.Limits)
        {
            if (limit.Room == 0)
            {
                if (limit == template.Job.User.Limit)
                {
                    return new QuotaReached(template.Job.Spec.User, limit.Used, limit.Most);
                }

                var tag = template.Spec.Tags.First(t => _limits.Find(t) == limit);
                return new TagLimitReached(tag, limit.Used, limit.Most);
            }
        }

        return null;
    }

    private NodeLack LackOf(NodeId id, Template template, DateTimeOffset now) =>
        _nodes.TryGetValue(id, out var node)
            ? LackOf(node, template, isAssigned: true, now)
            : new NodeLack(LackKind.Unknown);

    /// <summary>Why the next task of a template in a list of a node does not start, limits apart.</summary>
    private Reason PlaceInList(Section section, Template template, DateTimeOffset now)
    {
        var (node, lack) = (section.Spec.Node, LackOf(section.Spec.Node, template, now));
        return lack.Kind < LackKind.Room ? new OnOneNode(node, lack)
            : section.Free <= 0 ? new TurnInList(node, section.Spec.AtOnce)
            : section.Next() is not { } next || next == template ? new OnOneNode(node, lack)
            : next.IsWaiting ? new BehindInList(node, Name(next))
            : new TurnInList(node, section.Spec.AtOnce);
    }

    /// <summary>The nodes that a task avoids; null if there are none.</summary>
    private Avoids? Avoided(Template template, int offset, ExplainBudget budget)
    {
        if (template.AvoidedBy(offset) is not { IsEmpty: false } avoided)
        {
            return null;
        }

        budget.Nodes -= _nodes.Count;
        var couldNotStart = !template.HistoryOf(offset).NotStartedOn.IsEmpty;
        var hasOther = _nodes.Values.Any(n => n.Takes(template) && !avoided.Contains(n.Id));
        return new Avoids(avoided.Sort(), couldNotStart, hasOther);
    }

    private static TemplateName Name(Template template) =>
        new(template.Spec.Name, template.Spec.FirstTask, template.Spec.Tasks.Last);

    private static InFlight Why(Attempt attempt)
    {
        var node = attempt.Node;
        if (node.Unended.FirstOrDefault(u => u.Lease == attempt.Lease) is { Reason: { } reason })
        {
            return new InFlight(true, InFlightTrouble.Unended, null, true, reason);
        }

        var canMove = node.DrainDeadline is null || !node.Draining || BelongsToAnyNode(attempt);
        return Why(attempt.State == TaskState.Running, node, attempt.CancelRequested, canMove);
    }

    private static InFlight Why(bool isRunning, NodeRecord node, bool isCancelled, bool canMove) =>
        isCancelled ? new InFlight(isRunning, InFlightTrouble.Cancelled, null, true)
        : node.Condition == NodeCondition.Disconnected
            ? new InFlight(isRunning, InFlightTrouble.Disconnected, null, true)
        : node.Condition != NodeCondition.Connected ? new InFlight(isRunning, InFlightTrouble.Gone, null, true)
        : node is { Draining: true, DrainDeadline: { } deadline }
            ? new InFlight(isRunning, InFlightTrouble.Draining, deadline, canMove, node.DrainReason)
        : new InFlight(isRunning, InFlightTrouble.None, null, true);
}
