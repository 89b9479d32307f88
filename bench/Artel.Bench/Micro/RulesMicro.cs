using Artel.Core;
using BenchmarkDotNet.Attributes;

namespace Artel.Bench.Micro;

/// <summary>The rules alone: every task of one array granted and ended over 16 nodes, without wire and store.</summary>
[MemoryDiagnoser]
public class RulesMicro
{
    /// <summary>Of each operation.</summary>
    public const int Tasks = 100_000;

    private const int Nodes = 16;
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly AttemptResult Result = new(
        AttemptOutcome.Succeeded, 0, 0, "", null, new Usage(TimeSpan.FromMilliseconds(1), default, default, 0), KeptOutput.Empty, KeptOutput.Empty);

    private readonly JobSpec _job = new(
        "array", "user", 0, [], [new TemplateSpec { Name = "array", FirstTask = 1, Count = Tasks, Needs = Needs.OneCpu }]);

    [Benchmark]
    public int GrantsAndEnds()
    {
        var state = new ClusterState(ClusterSnapshot.Fresh, ClusterRules.Default, Now);
        var description = new NodeDescription(NodeKind.Native, "1.0", "host", "", new Resources(16_000, 0, 0, []), []);
        foreach (var node in Enumerable.Range(1, Nodes))
        {
            state.Connect(new NodeId($"node-{node}"), new Incarnation(1), description, LeaseSet.Empty, Now);
        }

        state.Submit(_job, default, "", held: false, Now);
        var ended = 0;
        state.Place(Now);
        for (var changes = state.TakeChanges(); changes.Count > 0; changes = state.TakeChanges())
        {
            foreach (var grant in changes.OfType<LeasesGranted>())
            {
                for (var i = 0; i < grant.Leases.Count; i++)
                {
                    state.End(grant.Node, grant.Incarnation, grant.Leases[i], Result, Now);
                    ended++;
                }
            }

            state.Place(Now);
        }

        return ended == Tasks ? ended : throw new InvalidOperationException($"{ended} of {Tasks} tasks have ended");
    }
}
