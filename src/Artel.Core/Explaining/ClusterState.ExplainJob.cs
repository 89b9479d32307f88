using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>Counts the tasks of a job by why they are where they are.</summary>
public sealed partial class ClusterState
{
    /// <summary>Nodes that are named as those on which tasks are.</summary>
    private const int MostPlaces = 8;

    /// <summary>Templates in which the first open task is looked for.</summary>
    private const int MostSearched = 1000;

    private void ExplainInFlight(Job job, ReasonTally tally, ExplainBudget budget)
    {
        var running = job[TaskState.Running];
        if (!budget.InDetail)
        {
            AddInFlight(tally, new InFlight(true, InFlightTrouble.None, null, true), running);
            AddInFlight(tally, new InFlight(false, InFlightTrouble.None, null, true), job.InFlight.Count - running);
            return;
        }

        var groups =
            new Dictionary<InFlight, (int Tasks, int First, DateTimeOffset? Since, Dictionary<NodeId, int> Nodes)>();
        if (job.InFlight.Count <= budget.Tasks)
        {
            budget.Tasks -= job.InFlight.Count;
            foreach (var (task, attempt) in job.InFlight.Values)
            {
                Count(Why(attempt), 1, task, attempt.Started, attempt.Node.Id);
            }
        }
        else
        {
            // Too many to look at each: count them by node. Cancellations that are under way are not shown then.
            foreach (var (id, share) in job.Shares)
            {
                if (share.Running > 0 && _nodes.TryGetValue(id, out var node))
                {
                    Count(Why(true, node, isCancelled: false, canMove: true), share.Running, 0, null, id);
                }
            }

            var others = job.InFlight.Count - groups.Values.Sum(g => g.Tasks);
            AddInFlight(tally, new InFlight(false, InFlightTrouble.None, null, true), others);
        }

        foreach (var (why, group) in groups)
        {
            var nodes = group.Nodes.OrderByDescending(n => n.Value).ThenBy(n => n.Key).Take(MostPlaces)
                .Select(n => new NodeTasks(n.Key, n.Value));
            var detail = new CountedReason(why, 0, 0)
            {
                Where = [.. nodes],
                MoreNodes = Math.Max(0, group.Nodes.Count - MostPlaces),
                Since = group.Since,
            };
            tally.Add(why, group.Tasks, group.First, detail);
        }

        void Count(InFlight why, int tasks, int first, DateTimeOffset? since, NodeId node)
        {
            var group = groups.TryGetValue(why, out var known)
                ? known
                : (Tasks: 0, First: first, Since: since, Nodes: []);
            group.Nodes[node] = group.Nodes.GetValueOrDefault(node) + tasks;
            var earliest = since < group.Since ? since : group.Since ?? since;
            groups[why] = (group.Tasks + tasks, Math.Min(group.First, first), earliest, group.Nodes);
        }
    }

    private static void AddInFlight(ReasonTally tally, InFlight why, int tasks)
    {
        if (tasks > 0)
        {
            tally.Add(why, tasks, 0);
        }
    }

    /// <summary>The first task of a job that has not ended and is not assigned; 0 if it is not known.</summary>
    private static int FirstOpen(Job job)
    {
        foreach (var template in job.Templates.Take(MostSearched))
        {
            if (template.OpenCount + template.BlockedCount > 0)
            {
                return FirstStartable(template) is > 0 and var first ? first : template.Spec.FirstTask;
            }
        }

        return 0;
    }

    /// <summary>
    /// The first task of a template that may start, or could if nothing held up all of them; 0 if there is none.
    /// </summary>
    private static int FirstStartable(Template template)
    {
        var first = int.MaxValue;
        First(template.Fresh);
        First(template.HasAgain ? template.Again : null);
        First(template.HasStray ? template.Stray : null);
        First(template.BlockedCount > 0 ? template.Blocked : null);
        return first == int.MaxValue ? 0 : template.NumberAt(first);

        void First(IndexRanges? set) => first = set is { IsEmpty: false } ? Math.Min(first, set.First) : first;
    }

    /// <summary>Tasks of a job that is neither held nor waits as a whole, and that are not assigned to nodes.</summary>
    private void ExplainOpen(Job job, ReasonTally tally, ExplainBudget budget, DateTimeOffset now)
    {
        var verdicts = new Dictionary<object, CountedReason>();
        var inList = default((Section? Section, Needs? Needs, Reason? Why));
        foreach (var template in job.Templates)
        {
            if (budget.Templates-- <= 0)
            {
                break;
            }

            var startable = template.Fresh.Count + template.AgainCount;
            var (stray, blocked) = (template.StrayCount, template.BlockedCount);
            if (startable + stray + blocked == 0)
            {
                continue;
            }

            var first = FirstStartable(template);
            if (template.IsWaiting)
            {
                // If nothing is unmet any more, its release is under way.
                tally.Add(Unmet(template).FirstOrDefault() ?? new StartsNow(), startable + stray + blocked, first);
                continue;
            }

            if (blocked > 0)
            {
                tally.Add(FirstElement(template), blocked, template.NumberAt(template.Blocked.First));
            }

            if (template.Section is { } section && startable > 0)
            {
                ExplainList(section, template, startable, first);
            }

            var any = template.Section is null ? startable : stray;
            if (any > 0)
            {
                ExplainAny(template, any, first);
            }
        }

        ExplainSingles(job, tally, verdicts, budget, now);

        void ExplainList(Section section, Template template, int tasks, int first)
        {
            if (LimitOn(template) is { } limit)
            {
                tally.Add(limit, tasks, first);
                return;
            }

            // Tasks of a list that are alike wait for the same reason, except those that go next.
            var isNext = section.Next() == template;
            var isAlike = !isNext && inList.Section == section && template.Spec.Needs.Equals(inList.Needs);
            var why = isAlike ? inList.Why! : PlaceInList(section, template, now);
            var mayStart = isNext && why is OnOneNode { Lack.Kind: >= LackKind.Room };
            var next = mayStart ? Math.Min(tasks, section.Free) : tasks;
            tally.Add(why, next, first);
            if (tasks > next)
            {
                tally.Add(new TurnInList(section.Spec.Node, section.Spec.AtOnce), tasks - next, first + next);
            }

            inList = isNext ? default : (section, template.Spec.Needs, why);
        }

        void ExplainAny(Template template, int tasks, int first)
        {
            if (LimitOn(template) is { } limit)
            {
                tally.Add(limit, tasks, first);
                return;
            }

            var mayStart = Math.Min(tasks, template.FreePlaces);
            var verdict = JudgeOnce(template, [], verdicts, budget, now);
            tally.Add(verdict.Why, mayStart, first, verdict);
            if (tasks > mayStart)
            {
                var reached = new AtOnceReached(Name(template), template.InFlightCount, template.Spec.AtOnce);
                tally.Add(reached, tasks - mayStart, first + mayStart);
            }
        }
    }

    /// <summary>Tasks that are known one by one: those that wait for a retry or a node, or avoid nodes.</summary>
    private void ExplainSingles(
        Job job, ReasonTally tally, Dictionary<object, CountedReason> verdicts, ExplainBudget budget,
        DateTimeOffset now)
    {
        if (job.BackingOff.Count > 0)
        {
            var (first, last, number) = (DateTimeOffset.MaxValue, DateTimeOffset.MinValue, int.MaxValue);
            foreach (var (task, due) in job.BackingOff.Values.Take(Math.Max(1, budget.Tasks)))
            {
                (first, last, number) = (due < first ? due : first, due > last ? due : last, Math.Min(task, number));
            }

            budget.Tasks -= job.BackingOff.Count;
            tally.Add(new BackingOff(first, last, 0, 0), job.BackingOff.Count, number == int.MaxValue ? 0 : number);
        }

        foreach (var (task, node) in job.Bound.Values)
        {
            if (budget.Tasks-- <= 0)
            {
                break;
            }

            var template = job.TemplateOf(task);
            var why = Unmet(template).FirstOrDefault() ?? LimitOn(template)
                ?? new OnOneNode(node, LackOf(node, template, now));
            tally.Add(why, 1, task);
        }

        var avoided = new Dictionary<AvoidingKey, Avoids?>();
        foreach (var (task, nodes) in job.Avoiding.Values)
        {
            if (budget.Tasks-- <= 0)
            {
                break;
            }

            var template = job.TemplateOf(task);
            if ((Unmet(template).FirstOrDefault() ?? LimitOn(template)) is { } why)
            {
                tally.Add(why, 1, task);
                continue;
            }

            var key = new AvoidingKey(ClassKey.Of(template), nodes);
            if (!avoided.TryGetValue(key, out var avoids))
            {
                avoids = budget.Nodes > 0
                    ? Avoided(template, task - template.Spec.FirstTask, budget)
                    : new Avoids(nodes, false, true);
                avoided[key] = avoids;
            }

            var verdict = JudgeOnce(template, avoids is { HasOther: true } ? avoids.Nodes : [], verdicts, budget, now);
            tally.Add(verdict.Why.IsObstacle ? verdict.Why : avoids ?? verdict.Why, 1, task, verdict);
        }
    }

    /// <summary>What holds up one task of a class holds up all.</summary>
    private CountedReason JudgeOnce(
        Template template, ImmutableArray<NodeId> avoided, Dictionary<object, CountedReason> verdicts,
        ExplainBudget budget, DateTimeOffset now)
    {
        var key = KeyOf(template, avoided);
        if (!verdicts.TryGetValue(key, out var verdict))
        {
            verdicts[key] = verdict = JudgeAnywhere(template, 0, avoided, budget, now);
        }

        return verdict;
    }

    private static AfterElement FirstElement(Template template)
    {
        var offset = template.Blocked.First;
        foreach (var (needed, on) in template.After())
        {
            if (on.Each && !needed.StateOf(offset).HasEnded())
            {
                return new AfterElement(Name(needed), on.AnyOutcome, null);
            }
        }

        var other = template.After().First(a => a.On.Each);
        return new AfterElement(Name(other.Template), other.On.AnyOutcome, null);
    }
}
