using Artel.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Wire;

/// <summary>From what nodes say to what the rules understand.</summary>
internal static class NodeReader
{
    // More than any system allows for an account's name.
    private const int LongestAccount = 256;

    public static NodeDescription Read(V1.Hello hello, string address) => new(
        NodeKind.Native, hello.Version, hello.Host, address, Read(hello.Resources ?? new V1.Resources()),
        [.. hello.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => new Label(l.Key, l.Value))])
    {
        RunAs = hello.RunAs.Length <= LongestAccount ? hello.RunAs : hello.RunAs[..LongestAccount],
    };

    public static Lease Read(V1.Lease lease) => new(lease.Epoch, lease.Sequence);

    public static LeaseRange Read(V1.LeaseRange range) => new(range.Epoch, range.FirstSequence, range.Count);

    public static AttemptResult Read(V1.AttemptResult result, KeptOutput stdout, KeptOutput stderr) => new(
        ReadOutcome(result), result.ExitStatus, result.Signal, result.Message, result.Started?.ToDateTimeOffset(),
        Read(result.Usage), stdout, stderr);

    private static AttemptOutcome ReadOutcome(V1.AttemptResult result) => result.Outcome switch
    {
        V1.AttemptOutcome.Succeeded => AttemptOutcome.Succeeded,
        V1.AttemptOutcome.Failed => AttemptOutcome.Failed,
        V1.AttemptOutcome.Signalled => AttemptOutcome.Signalled,
        V1.AttemptOutcome.TimedOut => AttemptOutcome.TimedOut,
        V1.AttemptOutcome.NotStarted => AttemptOutcome.NotStarted,
        V1.AttemptOutcome.Cancelled => AttemptOutcome.Cancelled,
        V1.AttemptOutcome.Lost => AttemptOutcome.Lost,
        V1.AttemptOutcome.OutOfMemory => AttemptOutcome.OutOfMemory,

        // A node that says no more than its state.
        _ => result.State == V1.NodeState.Succeeded ? AttemptOutcome.Succeeded : AttemptOutcome.Failed,
    };

    private static Usage Read(V1.Usage? usage) => usage is null
        ? default
        : new Usage(
            usage.Wall?.ToTimeSpan() ?? default, usage.User?.ToTimeSpan() ?? default, usage.System?.ToTimeSpan() ?? default,
            usage.PeakMemoryBytes);

    private static Resources Read(V1.Resources resources) =>
        new(resources.MilliCpus, resources.MemoryBytes, resources.MilliGpus, SpecReader.Read(resources.Counters));
}
