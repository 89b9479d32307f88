using Artel.Core;
using Artel.Server.People;
using Artel.Server.Storage;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Wire;

/// <summary>From the rules' words to the wire's.</summary>
internal static class WireWriter
{
    public static V1.Lease Write(Lease lease) => new() { Epoch = lease.Epoch, Sequence = lease.Sequence };

    public static V1.LeaseRange Write(LeaseRange range) => new() { Epoch = range.Epoch, FirstSequence = range.FirstSequence, Count = range.Count };

    /// <summary>Leases as few ranges as they make, in order.</summary>
    public static IEnumerable<V1.LeaseRange> WriteRanges(IEnumerable<Lease> leases)
    {
        V1.LeaseRange? open = null;
        foreach (var lease in leases.OrderBy(l => l.Epoch).ThenBy(l => l.Sequence))
        {
            if (open is not null && open.Epoch == lease.Epoch && open.FirstSequence + open.Count == lease.Sequence)
            {
                open.Count++;
                continue;
            }

            if (open is not null)
            {
                yield return open;
            }

            open = Write(new LeaseRange(lease.Epoch, lease.Sequence, 1));
        }

        if (open is not null)
        {
            yield return open;
        }
    }

    public static V1.TaskState Write(TaskState state) => (V1.TaskState)state;

    public static V1.JobState Write(JobState state) => (V1.JobState)state;

    public static V1.NodeCondition Write(NodeCondition condition) => (V1.NodeCondition)condition;

    public static string Write(NodeKind kind) => kind == NodeKind.Classic ? "classic" : "native";

    public static V1.TaskCounts Write(TaskCounts counts) => new()
    {
        Total = counts.Total,
        Waiting = counts.Waiting,
        Ready = counts.Ready,
        Leased = counts.Leased,
        Running = counts.Running,
        Succeeded = counts.Succeeded,
        Failed = counts.Failed,
        Cancelled = counts.Cancelled,
        Skipped = counts.Skipped,
    };

    public static Timestamp? Write(DateTimeOffset? time) => time?.ToTimestamp();

    public static V1.Attempt Write(StoredAttempt stored, Sight sight)
    {
        var result = stored.Result;
        return new V1.Attempt
        {
            Number = stored.Attempt,
            Node = stored.Node.Value,
            Lease = Write(stored.Lease),
            Outcome = (V1.AttemptOutcome)result.Outcome,
            ExitStatus = result.ExitStatus,
            Signal = result.Signal,
            Message = sight.ShowsInside ? result.Message : "",
            Started = Write(result.Started),
            Ended = stored.Ended.ToTimestamp(),
            Usage = new V1.Usage
            {
                Wall = result.Usage.Wall.ToDuration(),
                User = result.Usage.User.ToDuration(),
                System = result.Usage.System.ToDuration(),
                PeakMemoryBytes = result.Usage.PeakMemoryBytes,
            },
            Stdout = Write(result.Stdout),
            Stderr = Write(result.Stderr),
        };
    }

    public static V1.Attempt Write(AttemptView view)
    {
        var attempt = new V1.Attempt { Number = view.Attempt, Node = view.Node.Value, Lease = Write(view.Lease) };
        if (view.Started is { } started)
        {
            attempt.Started = started.ToTimestamp();
        }

        return attempt;
    }

    private static V1.OutputInfo Write(KeptOutput output) => new() { Length = output.Length, Written = output.Written };
}
