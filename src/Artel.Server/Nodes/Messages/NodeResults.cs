using Artel.Core;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes.Messages;

/// <summary>Results of attempts, as nodes send them.</summary>
internal static class NodeResults
{
    private const int MaxNanos = 999_999_999;

    /// <exception cref="MalformedMessageException">It is not one that a node may send.</exception>
    public static EndedAttempt Parse(V1.AttemptResult result)
    {
        var lease = NodeMessages.Lease("Ended.lease", result.Lease);
        if (result.DataFollows)
        {
            if (!result.StdoutData.IsEmpty || !result.StderrData.IsEmpty)
            {
                throw new MalformedMessageException($"the result of lease {lease} has its data and says that it follows");
            }
        }
        else if ((long)result.StdoutData.Length + result.StderrData.Length > NodeInbox.InlineOutput)
        {
            throw new MalformedMessageException(
                $"the result of lease {lease} comes with {(long)result.StdoutData.Length + result.StderrData.Length} bytes of output: at most {NodeInbox.InlineOutput}, else it follows");
        }

        return new EndedAttempt(
            lease, Outcome(result), result.ExitStatus, Math.Clamp(result.Signal, 0, NodeLimits.MaxSignal), NodeText.Clean(result.Message, NodeLimits.MaxMessage),
            NodeMessages.Start("Ended.started", result.Started), Parse(result.Usage), Parse(result.Stdout, result.StdoutData, result.DataFollows),
            Parse(result.Stderr, result.StderrData, result.DataFollows), result.DataFollows,
            TimeSpan.FromMicroseconds(Math.Max(0, result.SpawnMicroseconds)));
    }

    private static AttemptOutcome Outcome(V1.AttemptResult result) => result.Outcome switch
    {
        V1.AttemptOutcome.Succeeded => AttemptOutcome.Succeeded,
        V1.AttemptOutcome.Failed => AttemptOutcome.Failed,
        V1.AttemptOutcome.Signalled => AttemptOutcome.Signalled,
        V1.AttemptOutcome.TimedOut => AttemptOutcome.TimedOut,
        V1.AttemptOutcome.NotStarted => AttemptOutcome.NotStarted,
        V1.AttemptOutcome.Cancelled => AttemptOutcome.Cancelled,
        V1.AttemptOutcome.Lost => AttemptOutcome.Lost,
        V1.AttemptOutcome.Moved => AttemptOutcome.Moved,
        V1.AttemptOutcome.OutOfMemory => AttemptOutcome.OutOfMemory,

        // A node that says no more than its state, or a newer one that has a word more.
        _ => result.State == V1.NodeState.Succeeded ? AttemptOutcome.Succeeded : AttemptOutcome.Failed,
    };

    /// <summary>Of data that came along only the bytes that are there count.</summary>
    private static ReportedOutput Parse(V1.OutputInfo? info, ByteString data, bool follows)
    {
        var length = follows ? info?.Length ?? 0 : data.Length;
        return length is >= 0 and <= NodeLimits.MaxOutputBytes
            ? new ReportedOutput(length, Math.Clamp(info?.Written ?? 0, 0, NodeLimits.MaxMemory), data.Memory)
            : throw new MalformedMessageException($"an output of {length} bytes: 0 to {NodeLimits.MaxOutputBytes}");
    }

    private static Usage Parse(V1.Usage? usage) => usage is null
        ? default
        : new Usage(Time(usage.Wall), Time(usage.User), Time(usage.System), Math.Clamp(usage.PeakMemoryBytes, 0, NodeLimits.MaxMemory));

    private static TimeSpan Time(Duration? time) =>
        time is null || time.Seconds < 0 ? TimeSpan.Zero
        : time.Seconds >= (long)NodeLimits.MaxTime.TotalSeconds ? NodeLimits.MaxTime
        : TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(Math.Clamp(time.Nanos, 0, MaxNanos) / TimeSpan.NanosecondsPerTick);
}
