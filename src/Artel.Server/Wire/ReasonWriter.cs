using System.Diagnostics;
using Artel.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Wire;

/// <summary>Why tasks wait, from the rules' words to the wire's.</summary>
internal static class ReasonWriter
{
    public static V1.Reason Write(CountedReason counted, JobId job)
    {
        var reason = Write(counted.Why, job);
        reason.Tasks = counted.Tasks;
        reason.FirstTask = counted.FirstTask;
        reason.Ahead = counted.Ahead;
        reason.EstimatedStart = WireWriter.Write(counted.Start);
        reason.MoreNodes = counted.MoreNodes;
        reason.Since = WireWriter.Write(counted.Since);
        reason.Where.AddRange(counted.Where.Select(w => new V1.NodeTasks { Node = w.Node.Value, Tasks = w.Tasks }));
        if (counted.Nodes is { } survey)
        {
            reason.NodesLookedAt = survey.Looked;
            foreach (var row in survey.Rows)
            {
                var nodes = new V1.NodesLacking { Lack = Write(row.Lack), Nodes = row.Nodes };
                nodes.Some.AddRange(row.Some.Select(n => n.Value));
                reason.Nodes.Add(nodes);
            }
        }

        return reason;
    }

    private static V1.Reason Write(Reason why, JobId job) => why switch
    {
        JobHeld => new V1.Reason { Kind = V1.ReasonKind.Held, Job = job.Value },
        BeforeStartTime r => new V1.Reason { Kind = V1.ReasonKind.StartTime, Until = WireWriter.Write(r.Start) },
        AfterJob r => new V1.Reason
        {
            Kind = V1.ReasonKind.AfterJob,
            Job = r.Job.Value,
            AnyOutcome = r.AnyOutcome,
            Used = r.Ended,
            Most = r.Total,
        },
        AfterTaskOfJob r => new V1.Reason
        {
            Kind = V1.ReasonKind.AfterJob,
            Job = r.Task.Job.Value,
            Task = r.Task.Number,
            AnyOutcome = r.AnyOutcome,
            State = WireWriter.Write(r.State),
        },
        AfterTemplate r => Named(V1.ReasonKind.After, r.Other, r.AnyOutcome, r.Done, r.Total),
        AfterElement r => Named(V1.ReasonKind.AfterEach, r.Other, r.AnyOutcome, 0, 0, r.State, job),
        BackingOff r => new V1.Reason
        {
            Kind = V1.ReasonKind.Backoff,
            Until = WireWriter.Write(r.First),
            UntilLast = WireWriter.Write(r.Last),
            Used = r.Failures,
            Most = r.Retries,
        },
        AtOnceReached r => Named(V1.ReasonKind.AtOnce, r.Of, false, r.Used, r.Most),
        TagLimitReached r => new V1.Reason { Kind = V1.ReasonKind.TagLimit, Tag = r.Tag, Used = r.Used, Most = r.Most },
        QuotaReached r => new V1.Reason { Kind = V1.ReasonKind.Quota, User = r.User, Used = r.Used, Most = r.Most },
        OnOneNode r => new V1.Reason { Kind = V1.ReasonKind.Node, Node = r.Node.Value, Lack = Write(r.Lack) },
        TurnInList r => new V1.Reason { Kind = V1.ReasonKind.List, Node = r.Node.Value, Most = r.AtOnce },
        BehindInList r => WithNode(Named(V1.ReasonKind.ListOrder, r.Before, false, 0, 0), r.Node),
        NoNode r => new V1.Reason { Kind = V1.ReasonKind.NoNode, Used = r.OnlyClassic ? 1 : 0 },
        FitsNoNode r => new V1.Reason { Kind = V1.ReasonKind.FitsNoNode, Lack = Write(r.Lack) },
        NoNodeTakesWork r => new V1.Reason
        {
            Kind = V1.ReasonKind.NoNodeTakesWork,
            Node = r.Node.Value,
            Lack = Write(r.Lack),
            Most = r.Nodes,
        },
        HigherPriority r =>
            new V1.Reason { Kind = V1.ReasonKind.Priority, Job = r.Job.Value, Used = r.Priority, Most = r.Own },
        FairShare r => new V1.Reason { Kind = V1.ReasonKind.FairShare, User = r.User, Job = r.Job.Value },
        OlderJob r => new V1.Reason { Kind = V1.ReasonKind.OlderJob, Job = r.Job.Value },
        NodeReserved r => new V1.Reason
        {
            Kind = V1.ReasonKind.Reserved,
            Node = r.Node.Value,
            Job = r.Job.Value,
            Until = WireWriter.Write(r.At),
        },
        NoRoom => new V1.Reason { Kind = V1.ReasonKind.Room },
        StartsNow => new V1.Reason { Kind = V1.ReasonKind.StartsNow },
        Avoids r => new V1.Reason
        {
            Kind = V1.ReasonKind.Avoids,
            Avoided = { r.Nodes.Select(n => n.Value) },
            CouldNotStart = r.CouldNotStart,
            HasOther = r.HasOther,
        },
        InFlight r => new V1.Reason
        {
            Kind = r.IsRunning ? V1.ReasonKind.Running : V1.ReasonKind.Assigned,
            Trouble = (V1.TaskTrouble)r.Trouble,
            Until = WireWriter.Write(r.Until),
            HasOther = r.CanMove,
            What = r.What,
        },
        NotExamined => new V1.Reason { Kind = V1.ReasonKind.NotExamined },
        ManyReasons r => new V1.Reason { Kind = V1.ReasonKind.Others, Most = r.Reasons },
        _ => throw new UnreachableException($"no words for {why.GetType().Name}"),
    };

    private static V1.NodeLack Write(NodeLack lack) => new()
    {
        Kind = (V1.LackKind)lack.Kind,
        What = lack.What,
        Asked = lack.Asked,
        Most = lack.Most,
        Until = WireWriter.Write(lack.Until),
    };

    private static V1.Reason Named(
        V1.ReasonKind kind,
        TemplateName name,
        bool anyOutcome,
        long used,
        long most,
        TaskState? state = null,
        JobId job = default) => new()
        {
            Kind = kind,
            Name = name.Name,
            NameFirst = name.First,
            NameLast = name.Last,
            AnyOutcome = anyOutcome,
            Used = used,
            Most = most,
            State = state is { } known ? WireWriter.Write(known) : V1.TaskState.Unspecified,
            Job = job.Value,
        };

    private static V1.Reason WithNode(V1.Reason reason, NodeId node)
    {
        reason.Node = node.Value;
        return reason;
    }
}
