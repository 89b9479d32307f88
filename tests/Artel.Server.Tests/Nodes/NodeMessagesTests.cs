using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Nodes.Messages;
using Artel.Server.Tests.Support;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Nodes;

/// <summary>What is refused of what a node sends, and what is cut or brought into range.</summary>
public sealed class NodeMessagesTests
{
    private static readonly V1.Lease Good = new() { Epoch = 1, Sequence = 1 };

    public static TheoryData<string, V1.NodeMessage> Refused => new()
    {
        { "update the agent", new V1.NodeMessage() },
        { "Hello", new V1.NodeMessage { Hello = RawLink.HelloOf("1") } },
        { "Heartbeat.state is 99", new V1.NodeMessage { Heartbeat = new V1.Heartbeat { State = (V1.NodeState)99 } } },
        { "Heartbeat.state is 0", new V1.NodeMessage { Heartbeat = new V1.Heartbeat() } },
        { "Started.lease is not a lease", Started(new V1.AttemptStarted { Lease = Good }, new V1.AttemptStarted()) },
        { "Started.lease is not a lease", Started(new V1.AttemptStarted { Lease = new V1.Lease { Epoch = -1, Sequence = 1 } }) },
        { "Started.at is not a time", Started(new V1.AttemptStarted { Lease = Good, At = new Timestamp { Seconds = long.MaxValue } }) },
        { "Started.attempts has 16385 items", Started([.. Enumerable.Range(0, NodeLimits.MaxItems + 1).Select(_ => new V1.AttemptStarted { Lease = Good })]) },
        { "Returned.leases has -1 leases", Returned(new V1.LeaseRange { Epoch = 1, FirstSequence = 1, Count = -1 }) },
        { "Returned.leases has 0 leases", Returned(new V1.LeaseRange { Epoch = 1, FirstSequence = 1 }) },
        { "Returned.leases has 2147483647 leases", Returned(new V1.LeaseRange { Epoch = 1, FirstSequence = 1, Count = int.MaxValue }) },
        { "Returned.leases has 9 leases", Returned(new V1.LeaseRange { Epoch = 1, FirstSequence = long.MaxValue, Count = 9 }) },
        { "Ended.lease is not a lease", Ended(new V1.AttemptResult()) },
        { "Ended.started is not a time", Ended(new V1.AttemptResult { Lease = Good, Started = new Timestamp { Nanos = -1 } }) },
        { "an output of 9223372036854775807 bytes", Ended(new V1.AttemptResult { Lease = Good, DataFollows = true, Stdout = new V1.OutputInfo { Length = long.MaxValue } }) },
        { "an output of -1 bytes", Ended(new V1.AttemptResult { Lease = Good, DataFollows = true, Stderr = new V1.OutputInfo { Length = -1 } }) },
        { "comes with 20000000 bytes of output", Ended(new V1.AttemptResult { Lease = Good, StdoutData = ByteString.CopyFrom(new byte[20_000_000]) }) },
        { "has its data and says that it follows", Ended(new V1.AttemptResult { Lease = Good, DataFollows = true, StdoutData = ByteString.CopyFrom(1) }) },
    };

    public static TheoryData<string, Action<V1.Hello>> RefusedHellos => new()
    {
        { "is not a node id", h => h.Node = "../x" },
        { "Hello.held and finished has 20000000 leases", h => h.Held.Add(new V1.LeaseRange { Epoch = 1, FirstSequence = 1, Count = 20_000_000 }) },
        { "Hello.held and finished has 2147483647 leases", h => h.Finished.Add(new V1.LeaseRange { Epoch = 1, FirstSequence = 1, Count = int.MaxValue }) },
        { "16385 items", h => h.Held.AddRange(Enumerable.Range(1, NodeLimits.MaxItems + 1).Select(i => new V1.LeaseRange { Epoch = 1, FirstSequence = i, Count = 1 })) },
        { "resources are out of range", h => h.Resources.MilliCpus = -1 },
        { "resources are out of range", h => h.Resources.MemoryBytes = long.MaxValue },
        { "counter licence is -1", h => h.Resources.Counters["licence"] = -1 },
        { "1 labels with 20000001 characters", h => h.Labels["k"] = new string('a', 20_000_000) },
        { "65 labels", h => h.Labels.Add(Enumerable.Range(0, 65).ToDictionary(i => $"k{i}", _ => "")) },
        { "the value of label k is not one line", h => h.Labels["k"] = "a\nb" },
        { "label '' is not", h => h.Labels[""] = "a" },
        { "label 'a\uFFFDb' is not", h => h.Labels["a\u0007b"] = "a" },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void What_the_rules_build_on_is_refused(string says, V1.NodeMessage message)
    {
        var refusal = Assert.Throws<MalformedMessageException>(() => NodeMessages.Parse(message));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 1, 500);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [MemberData(nameof(RefusedHellos), DisableDiscoveryEnumeration = true)]
    public void A_wrong_hello_is_refused(string says, Action<V1.Hello> spoil)
    {
        var hello = RawLink.HelloOf("1");
        spoil(hello);

        var refusal = Assert.Throws<MalformedMessageException>(() => NodeMessages.ParseHello(hello, "127.0.0.1:1"));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.InRange(refusal.Message.Length, 1, 500);
    }

    [Fact]
    public void What_only_informs_is_cut_or_brought_into_range()
    {
        var absurd = new Duration { Seconds = long.MaxValue, Nanos = int.MinValue };
        var ended = (NodeEnded)NodeMessages.Parse(Ended(new V1.AttemptResult
        {
            Lease = Good,
            State = V1.NodeState.Failed,
            Signal = -7,
            Message = "a\u001b[31m\nb" + new string('x', 20_000_000),
            Started = new Timestamp { Seconds = -62_135_596_800 },
            Usage = new V1.Usage { Wall = absurd, User = new Duration { Seconds = -1 }, System = new Duration { Nanos = int.MaxValue }, PeakMemoryBytes = long.MaxValue },
            SpawnMicroseconds = int.MinValue,
            Stdout = new V1.OutputInfo { Length = 12, Written = -5 },
        }));

        var result = Assert.Single(ended.Results);
        Assert.StartsWith("a\uFFFD[31m\nbxx", result.Message, StringComparison.Ordinal);
        Assert.Equal(NodeLimits.MaxMessage, result.Message.Length);
        Assert.Equal((0, DateTimeOffset.UnixEpoch, TimeSpan.Zero), (result.Signal, result.Started, result.Spawn));
        Assert.Equal(new Usage(NodeLimits.MaxTime, TimeSpan.Zero, TimeSpan.FromTicks(9_999_999), NodeLimits.MaxMemory), result.Usage);
        Assert.Equal((0, 0), (result.Stdout.Length, result.Stdout.Written));
        Assert.Equal(JobLimits.MaxDuration, NodeLimits.MaxTime);
    }

    [Fact]
    public void A_cut_text_does_not_end_within_a_character()
    {
        var cut = NodeText.Clean(string.Concat(Enumerable.Repeat("😀", 1000)), 11);

        Assert.Equal("😀😀😀😀😀…", cut);
    }

    [Fact]
    public void An_ordinary_text_is_not_copied()
    {
        var text = "exit status 2:\n\tno such file";

        Assert.Same(text, NodeText.Clean(text, NodeLimits.MaxMessage));
    }

    private static V1.NodeMessage Started(params V1.AttemptStarted[] attempts) => new() { Started = new V1.Started { Attempts = { attempts } } };

    private static V1.NodeMessage Returned(params V1.LeaseRange[] leases) => new() { Returned = new V1.Returned { Leases = { leases } } };

    private static V1.NodeMessage Ended(params V1.AttemptResult[] results) => new() { Ended = new V1.Ended { Results = { results } } };
}
