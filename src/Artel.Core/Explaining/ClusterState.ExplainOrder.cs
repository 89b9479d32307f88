using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>Who is served before a task, and when its turn may come.</summary>
public sealed partial class ClusterState
{
    /// <summary>Attempts of one node that are looked at to tell when it has room.</summary>
    private const int MostTimed = 256;

    /// <summary>Why tasks that any fitting node may run are not assigned to one. Counts none of them.</summary>
    /// <param name="earlier">Tasks of the template that go before the one that is explained.</param>
    /// <param name="avoided">Nodes that the tasks avoid, in order of id.</param>
    private CountedReason JudgeAnywhere(
        Template template, int earlier, ImmutableArray<NodeId> avoided, ExplainBudget budget, DateTimeOffset now)
    {
        var found = Survey(template, avoided, budget, now);
        var nodes = budget.InDetail ? found.Survey : null;
        if (found is { IsWhole: true, NativeConnected: 0 })
        {
            return new CountedReason(new NoNode(found.Connected > 0), 0, 0) { Nodes = nodes };
        }

        if (found is { IsWhole: true, CouldRun: 0 })
        {
            var closest = found.Survey.Rows[0];
            return new CountedReason(new FitsNoNode(closest.Lack), 0, 0) { Nodes = nodes };
        }

        if (found is { IsWhole: true, Take: 0 })
        {
            var first = found.Survey.Rows[0];
            var none = new NoNodeTakesWork(first.Some[0], first.Lack, found.CouldRun);
            return new CountedReason(none, 0, 0) { Nodes = nodes };
        }

        var hasRoom = found.Survey.Rows.Any(r => r.Lack.Kind == LackKind.Nothing);
        var (ahead, count) = AheadOf(template, found.Candidates, budget);
        count += earlier;
        if (hasRoom && count == 0)
        {
            return new CountedReason(new StartsNow(), 0, 0) { Nodes = nodes, Start = now };
        }

        var reason = ahead ?? (hasRoom && earlier == 0 ? new StartsNow() : (Reason)new NoRoom());
        if (found.Reserved is { } kept && _scheduler.Reservations.OfNode(kept) is var (job, at)
            && job != template.Job.Id)
        {
            reason = new NodeReserved(kept, job, at);
        }

        var start = budget.InDetail ? EstimateStart(template, found.Candidates, count, now) : null;
        return new CountedReason(reason, 0, 0) { Nodes = nodes, Ahead = count, Start = start };
    }

    /// <summary>Who is served first, and how many tasks go before those of the template.</summary>
    private (Reason? Who, int Count) AheadOf(Template template, List<NodeRecord> candidates, ExplainBudget budget)
    {
        var (own, user, priority) = (template.Job, template.Job.User, template.Job.Priority);
        (Template? higher, Template? fairer, Template? older) = (null, null, null);
        var count = 0;
        foreach (var other in _scheduler.Classes)
        {
            if (budget.Classes-- <= 0)
            {
                break;
            }

            if (other.First is not { } first || first.Allowed == 0 || first.Job.Priority < priority
                || (first == template && other == template.QueuedIn))
            {
                continue;
            }

            if (other == template.QueuedIn)
            {
                older = first.Job == own ? older : OlderOf(older, first);
                count += CountWaiting(other, template, budget);
            }
            else if (!candidates.Any(n => n.Takes(first)))
            {
                continue;
            }
            else if (first.Job.Priority > priority)
            {
                higher = higher is null || OrderOf(first).CompareTo(OrderOf(higher)) < 0 ? first : higher;
                count += CountWaiting(other, null, budget);
            }
            else if (first.Job.User == user)
            {
                if (first.Job.Id.CompareTo(own.Id) < 0)
                {
                    older = OlderOf(older, first);
                    count += CountWaiting(other, null, budget);
                }
            }
            else if (IsServedBefore(first.Job.User, user)
                && (fairer is null || IsServedBefore(first.Job.User, fairer.Job.User)))
            {
                fairer = first;
            }
        }

        Reason? who = higher is not null ? new HigherPriority(higher.Job.Id, higher.Job.Priority, priority)
            : fairer is not null ? new FairShare(fairer.Job.Spec.User, fairer.Job.Id)
            : older is not null ? new OlderJob(older.Job.Id)
            : null;
        return (who, count);
    }

    private static Template OlderOf(Template? one, Template other) =>
        one is null || other.Job.Id.CompareTo(one.Job.Id) < 0 ? other : one;

    /// <summary>Smaller goes first: higher priority, then the older job.</summary>
    private static (int, long) OrderOf(Template template) => (-template.Job.Priority, template.Job.Id.Value);

    private static bool IsServedBefore(UserLoad one, UserLoad other) =>
        one.Millionths != other.Millionths ? one.Millionths < other.Millionths : one.Newest < other.Newest;

    /// <summary>How many tasks of a class wait, as far as the budget has it.</summary>
    /// <param name="before">Only those that go before this template.</param>
    private static int CountWaiting(TaskClass others, Template? before, ExplainBudget budget)
    {
        var count = 0L;
        if (!budget.InDetail)
        {
            return others.First == before ? 0 : 1;
        }

        foreach (var template in others.InOrder())
        {
            if (template == before || budget.Templates-- <= 0)
            {
                break;
            }

            count += template.Takeable;
        }

        return (int)Math.Min(int.MaxValue / 2, count);
    }

    /// <summary>
    /// Estimates when a task of the template may start, from the attempts on the nodes where it could run and from
    /// how long such tasks took. Null if that is not known.
    /// </summary>
    private DateTimeOffset? EstimateStart(Template template, List<NodeRecord> candidates, int ahead, DateTimeOffset now)
    {
        if (_scheduler.Reservations.OfClass(ClassKey.Of(template)) is { } reservation)
        {
            return ahead == 0 && reservation.At >= now ? reservation.At : null;
        }

        DateTimeOffset? first = null;
        var perSecond = 0.0;
        foreach (var attempt in candidates.Where(n => n.Attempts.Count <= MostTimed).SelectMany(n => n.Attempts.Values))
        {
            if (attempt.Template.TypicalTime is not { } time || time <= TimeSpan.Zero
                || !attempt.Spec.Needs.Covers(template.Spec.Needs))
            {
                continue;
            }

            var end = (attempt.Started ?? now) + time;
            end = end < now ? now : end;
            first = first is null || end < first ? end : first;
            perSecond += 1 / time.TotalSeconds;
        }

        var seconds = ahead == 0 ? 0 : ahead / perSecond;
        return first is { } known && seconds < TimeSpan.FromDays(365).TotalSeconds
            ? known + TimeSpan.FromSeconds(seconds)
            : null;
    }
}
