using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Storage;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Adds up the attempts of a job. What it holds does not grow with their number, only with that of the nodes.</summary>
internal sealed class JobFigures(DateTimeOffset submitted, JobLayout layout)
{
    private const int Slowest = 5;

    // There are few of the first and may be thousands of nodes.
    private const int ExactOfJob = 10_000;
    private const int ExactOfNode = 100;

    /// <summary>10,000 years, as the proto of Duration has it.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(315_576_000_000);

    private readonly Sample _durations = new(ExactOfJob);
    private readonly Sample _waits = new(ExactOfJob);
    private readonly Sample _memory = new(ExactOfJob);
    private readonly SortedDictionary<string, NodeFigures> _nodes = new(StringComparer.Ordinal);
    private readonly PriorityQueue<MeasuredAttempt, long> _slowest = new();
    private int _attempts;
    private int _succeeded;
    private int _failed;
    private TimeSpan _wall;
    private TimeSpan _cpu;
    private double _askedSeconds;
    private TimeSpan _cpuOfAsked;

    public void Add(MeasuredAttempt attempt)
    {
        _attempts++;
        var succeeded = attempt.Outcome == AttemptOutcome.Succeeded;
        var failed = attempt.Outcome.IsFailure();
        _succeeded += succeeded ? 1 : 0;
        _failed += failed ? 1 : 0;
        if (!_nodes.TryGetValue(attempt.Node, out var node))
        {
            _nodes[attempt.Node] = node = new NodeFigures();
        }

        node.Attempts++;
        node.Succeeded += succeeded ? 1 : 0;
        node.Failed += failed ? 1 : 0;
        if (attempt.Started is not { } started)
        {
            return;
        }

        // Where the node could not tell (it was lost), the times of its start and of its loss are all there is.
        // The clock of a node may be ahead of the server's.
        var wall = attempt.Wall > TimeSpan.Zero ? attempt.Wall : started < attempt.Ended ? attempt.Ended - started : TimeSpan.Zero;
        _wall = Sum(_wall, wall);
        _cpu = Sum(_cpu, attempt.Cpu);
        node.Wall = Sum(node.Wall, wall);
        node.Cpu = Sum(node.Cpu, attempt.Cpu);
        node.PeakMemory = Math.Max(node.PeakMemory, attempt.PeakMemoryBytes);
        _durations.Add(wall.TotalSeconds);
        node.Durations.Add(wall.TotalSeconds);
        if (attempt.PeakMemoryBytes > 0)
        {
            _memory.Add(attempt.PeakMemoryBytes);
        }

        if (attempt.Attempt == 1)
        {
            // Clocks of nodes may be behind the server's by a little.
            _waits.Add(Math.Max(0, (started - submitted).TotalSeconds));
        }

        AddEfficiency(attempt, wall);
        _slowest.Enqueue(attempt, wall.Ticks);
        if (_slowest.Count > Slowest)
        {
            _slowest.Dequeue();
        }
    }

    public V1.JobStats Write()
    {
        var stats = new V1.JobStats
        {
            Attempts = _attempts,
            Succeeded = _succeeded,
            Failed = _failed,
            Duration = _durations.Write(),
            Wait = _waits.Write(),
            Memory = _memory.Write(),
            Durations = _durations.Distribute(),
            Waits = _waits.Distribute(),
            Memories = _memory.Distribute(),
            WallTotal = _wall.ToDuration(),
            CpuTotal = _cpu.ToDuration(),
        };
        if (_askedSeconds > 0)
        {
            stats.CpuEfficiency = _cpuOfAsked.TotalSeconds / _askedSeconds;
        }

        stats.Nodes.AddRange(_nodes.Select(n => n.Value.Write(n.Key)));
        foreach (var slow in _slowest.UnorderedItems.OrderByDescending(s => s.Priority).Select(s => (s.Element, Wall: new TimeSpan(s.Priority))))
        {
            stats.Slowest.Add(new V1.SlowTask
            {
                Task = slow.Element.Task,
                Attempt = slow.Element.Attempt,
                Node = slow.Element.Node,
                Wall = slow.Wall.ToDuration(),
                Outcome = (V1.AttemptOutcome)slow.Element.Outcome,
            });
        }

        return stats;
    }

    /// <summary>No more than a Duration on the wire may be: each time is bounded, but there may be millions of them.</summary>
    private static TimeSpan Sum(TimeSpan sum, TimeSpan more) => sum + more < MostTime ? sum + more : MostTime;

    /// <summary>A task of a node's list asks for no cpus unless it says so, and one whose node measures nothing (a classic one) tells nothing.</summary>
    private void AddEfficiency(MeasuredAttempt attempt, TimeSpan wall)
    {
        var place = layout.TemplateOf(attempt.Task);
        var cpus = place.Template.Needs is { HasMilliCpus: true } needs ? needs.MilliCpus : place.Node is null ? 1000 : 0;
        if (cpus > 0 && attempt.Cpu > TimeSpan.Zero)
        {
            _askedSeconds += wall.TotalSeconds * cpus / 1000;
            _cpuOfAsked = Sum(_cpuOfAsked, attempt.Cpu);
        }
    }

    private sealed class NodeFigures
    {
        public Sample Durations { get; } = new(ExactOfNode);

        public int Attempts { get; set; }

        public int Succeeded { get; set; }

        public int Failed { get; set; }

        public TimeSpan Wall { get; set; }

        public TimeSpan Cpu { get; set; }

        public long PeakMemory { get; set; }

        public V1.NodeStats Write(string node) => new()
        {
            Node = node,
            Attempts = Attempts,
            Succeeded = Succeeded,
            Failed = Failed,
            Duration = Durations.Write(),
            WallTotal = Wall.ToDuration(),
            CpuTotal = Cpu.ToDuration(),
            PeakMemoryBytes = PeakMemory,
        };
    }
}
