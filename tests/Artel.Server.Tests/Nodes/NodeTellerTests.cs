using Artel.Core;
using Artel.Protocol.Client;
using Artel.Server.Loop;
using Artel.Server.Nodes;
using Artel.Server.Telemetry;
using Artel.Server.Wire;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Tests.Nodes;

/// <summary>What a node is told of tasks that have entries.</summary>
public sealed class NodeTellerTests : IDisposable
{
    private static readonly NodeId Node = new("n");
    private static readonly JobId Job = new(7);
    private readonly NodeSession _session = new(Node, new Incarnation(1), new AwakeTime(TimeProvider.System));
    private readonly JobDocuments _documents = new();
    private readonly NodeTeller _teller;

    public NodeTellerTests()
    {
        var sessions = new NodeSessions();
        Assert.True(sessions.TryAdd(_session, out _));
        _teller = new NodeTeller(sessions, _documents, new JobTraces("cluster", sampling: null), NullLogger.Instance);
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void The_entries_of_a_grant_come_with_it_and_the_template_without_them()
    {
        Submit(new V1.Axis { Values = { "a", "b", "c", "d" } });

        _teller.Tell([Granted(firstTask: 2, count: 2)]);

        var assign = Assert.Single(Told());
        Assert.Equal(["b", "c"], Assert.Single(assign.Grants).Entries);
        Assert.Empty(Assert.Single(Assert.Single(assign.Templates).Spec.Axes).Values);
    }

    [Fact]
    public void Long_entries_are_told_in_parts_that_fit_a_message_and_leave_nothing_out()
    {
        const int Count = 1000;
        var axis = new V1.Axis();
        axis.Values.AddRange(Enumerable.Range(0, Count).Select(i => FormattableString.Invariant($"{i} {new string('é', 30_000)}")));
        Submit(axis);

        _teller.Tell([Granted(firstTask: 1, Count)]);

        var told = Told();
        Assert.All(told, m => Assert.InRange(m.CalculateSize(), 1, ClusterChannel.MaxMessageBytes));
        var next = 0;
        foreach (var grant in told.SelectMany(m => m.Grants))
        {
            Assert.Equal((next + 1, next, 100L + next), (grant.FirstTask, grant.FirstPosition, grant.Leases.FirstSequence));
            Assert.Equal(grant.Leases.Count, grant.Entries.Count);
            Assert.All(grant.Entries, e => Assert.StartsWith(FormattableString.Invariant($"{next++} "), e, StringComparison.Ordinal));
        }

        Assert.Equal(Count, next);
    }

    private void Submit(V1.Axis axis)
    {
        var job = new V1.JobSpec { Tasks = { new V1.TaskTemplate { Run = { "echo" }, Axes = { axis } } } };
        _documents.Add(Job, new V1.Submission { Job = job }.ToByteArray());
    }

    private static LeasesGranted Granted(int firstTask, int count) =>
        new(new LeaseRange(1, 100, count), Job, 0, firstTask, firstTask - 1, 1, Node, new Incarnation(1), TimeProvider.System.GetUtcNow());

    private List<V1.Assign> Told()
    {
        var told = new List<V1.Assign>();
        while (_session.Outbox.TryRead(out var message))
        {
            told.Add(message.Assign);
        }

        return told;
    }
}
