using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Artel.Core;

/// <summary>What nodes lack to run a task.</summary>
public sealed partial class ClusterState
{
    /// <summary>How many kinds of lack a survey lists.</summary>
    private const int SurveyRows = 8;

    /// <summary>Nodes that are named for each kind of lack.</summary>
    private const int NamedNodes = 5;

    /// <summary>Nodes by which it is found out who is ahead, and when there is room.</summary>
    private const int MostCandidates = 32;

    /// <summary>
    /// Looks at the nodes for a task that any node may run: at all of them, or at as many as the budget has left.
    /// </summary>
    /// <param name="avoided">Nodes that are passed over.</param>
    private NodeFindings Survey(
        Template template, ImmutableArray<NodeId> avoided, ExplainBudget budget, DateTimeOffset now)
    {
        var key = KeyOf(template, avoided);
        if (!budget.Surveys.TryGetValue(key, out var findings))
        {
            budget.Surveys[key] = findings = MakeSurvey(template, avoided, budget, now);
        }

        return findings;
    }

    /// <summary>The same for all tasks that are alike to the scheduler.</summary>
    private static object KeyOf(Template template, ImmutableArray<NodeId> avoided) =>
        !avoided.IsEmpty
            ? new AvoidingKey(ClassKey.Of(template), avoided)
            : template.QueuedIn ?? (object)ClassKey.Of(template);

    private NodeFindings MakeSurvey(
        Template template, ImmutableArray<NodeId> avoided, ExplainBudget budget, DateTimeOffset now)
    {
        var rows = new Dictionary<(LackKind, string), (NodeLack Lack, int Nodes, List<NodeId> Some)>();
        var candidates = new List<NodeRecord>();
        var (looked, native, connected, could, take) = (0, 0, 0, 0, 0);
        NodeId? reserved = null;
        foreach (var node in _nodes.Values)
        {
            if (budget.Nodes <= 0)
            {
                break;
            }

            budget.Nodes--;
            looked++;
            var lack = LackOf(node, template, isAssigned: false, now);
            lack = lack.Kind >= LackKind.Room && avoided.Contains(node.Id) ? new NodeLack(LackKind.Avoided) : lack;
            connected += node.Condition == NodeCondition.Connected ? 1 : 0;
            native += node.Condition == NodeCondition.Connected && node.TakesAnyTask ? 1 : 0;
            could += lack.Kind >= LackKind.Stopped ? 1 : 0;
            if (lack.Kind >= LackKind.Room)
            {
                take++;
                reserved ??= lack.Kind == LackKind.Reserved ? node.Id : null;
                if (candidates.Count < MostCandidates)
                {
                    candidates.Add(node);
                }
            }

            ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(rows, (lack.Kind, lack.What), out var known);
            row = known ? row : (lack, 0, []);
            row.Nodes++;
            row.Lack = row.Lack.Most >= lack.Most ? row.Lack : lack;
            if (row.Some.Count < NamedNodes)
            {
                row.Some.Add(node.Id);
            }
        }

        var listed = rows.Values
            .OrderByDescending(r => r.Lack.Kind)
            .ThenByDescending(r => r.Nodes)
            .ThenBy(r => r.Lack.What, StringComparer.Ordinal)
            .Take(SurveyRows)
            .Select(r => new SurveyRow(r.Lack, r.Nodes, [.. r.Some.Order()]));
        var survey = new NodeSurvey(looked, [.. listed]);
        return new NodeFindings(
            survey, looked == _nodes.Count, native, connected, could, take, candidates, reserved);
    }

    /// <summary>What the node lacks to take a task of the template now, limits apart.</summary>
    /// <param name="isAssigned">Only this node may run it.</param>
    private NodeLack LackOf(NodeRecord node, Template template, bool isAssigned, DateTimeOffset now)
    {
        var (spec, user) = (template.Spec, template.Job.Spec.User);
        if (!isAssigned && !node.TakesAnyTask)
        {
            return new NodeLack(LackKind.OnlyAssigned);
        }

        if (!isAssigned && !node.Has(spec.Labels.AsSpan()))
        {
            var missing = spec.Labels
                .Where(l => !node.Description.Labels.Contains(l))
                .Select(l => $"{l.Key}={l.Value}");
            return new NodeLack(LackKind.Labels, string.Join(", ", missing));
        }

        if (!node.CanEverFit(spec.Needs))
        {
            return ShortOf(node, spec.Needs, LackKind.Resource);
        }

        switch (node.Condition)
        {
            case NodeCondition.Stopped:
                return new NodeLack(LackKind.Stopped);
            case NodeCondition.Lost:
                return new NodeLack(LackKind.Lost);
            case NodeCondition.Disconnected:
                return new NodeLack(LackKind.Disconnected, Until: node.Since + _rules.LostAfter);
            default:
                break;
        }

        if (node.Draining)
        {
            return new NodeLack(LackKind.Draining, node.DrainReason, Until: node.DrainDeadline);
        }

        if (node.Problem.Length > 0)
        {
            return new NodeLack(LackKind.Problem, node.Problem);
        }

        if (node.StartsOf(user) is { NextTry: { } nextTry } starts)
        {
            return new NodeLack(LackKind.Problem, starts.Describe(user), Until: nextTry);
        }

        // Limits have reasons of their own, so a full limit does not count as a lack of room.
        if (node.FreeLeases(user) <= 0)
        {
            return new NodeLack(LackKind.Room, NodeLack.Places, 1, 0);
        }

        if (node.Description.Kind != NodeKind.Classic && node.Load.Room(node.Description.Resources, spec.Needs, 1) == 0
            && (template.Allowed == 0 || WorkAhead.Room(node, template, 1) == 0))
        {
            return ShortOf(node, spec.Needs, LackKind.Room);
        }

        return isAssigned || template.Allowed == 0 || _scheduler.Reservations.Room(node, template, 1, now) > 0
            ? new NodeLack(LackKind.Nothing)
            : new NodeLack(LackKind.Reserved, Until: _scheduler.Reservations.OfNode(node.Id)?.At);
    }

    /// <summary>The first resource of which the node has too little: ever, or free now.</summary>
    private static NodeLack ShortOf(NodeRecord node, Needs needs, LackKind kind)
    {
        var (has, load) = (node.Description.Resources, kind == LackKind.Room ? node.Load : null);
        if (needs.MilliGpus > has.MilliGpus - (load?.MilliGpus ?? 0))
        {
            return Lack(NodeLack.Gpus, needs.MilliGpus, has.MilliGpus - (load?.MilliGpus ?? 0));
        }

        if (needs.MemoryBytes > has.MemoryBytes - (load?.MemoryBytes ?? 0))
        {
            return Lack(NodeLack.Memory, needs.MemoryBytes, has.MemoryBytes - (load?.MemoryBytes ?? 0));
        }

        foreach (var counter in needs.Counters)
        {
            var free = Load.AmountOf(has, counter.Name) - (load?.UsedOf(counter.Name) ?? 0);
            if (counter.Amount > free)
            {
                return Lack(counter.Name, counter.Amount, free);
            }
        }

        return Lack(NodeLack.Cpus, needs.MilliCpus, has.MilliCpus - (load?.MilliCpus ?? 0));

        NodeLack Lack(string what, long asked, long most) => new(kind, what, asked, Math.Max(0, most));
    }
}
