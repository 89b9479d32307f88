using Artel.Core;

namespace Artel.Server.History;

/// <summary>
/// An hour of samples of every node, while it is connected: up to 3 kB a node, 30 MB for ten thousand, and a tenth of that where nothing changes. A node that has
/// been away for longer than that, or is forgotten, has none. Safe from any thread.
/// </summary>
internal sealed class NodeHistories
{
    /// <summary>How often a sample is taken.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    public const int SamplesOfNode = 120;

    // Of those in a row that say the same: so that they are not kept for much longer than an hour either.
    private const int MostRepeats = 19;

    private static readonly TimeSpan Kept = Period * SamplesOfNode;

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, OneNode> _nodes = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _nodes.Count;
            }
        }
    }

    /// <param name="loads">Of the connected nodes.</param>
    /// <param name="known">All nodes that are known, the others too.</param>
    public void Add(DateTimeOffset at, IReadOnlyList<NodeLoad> loads, IReadOnlySet<NodeId> known)
    {
        lock (_gate)
        {
            foreach (var load in loads)
            {
                if (!_nodes.TryGetValue(load.Node, out var node))
                {
                    _nodes[load.Node] = node = new OneNode();
                }

                node.Add(at, load);
            }

            foreach (var gone in _nodes.Where(n => !known.Contains(n.Key) || at - n.Value.Last > Kept).Select(n => n.Key).ToArray())
            {
                _nodes.Remove(gone);
            }
        }
    }

    /// <summary>In order. Empty where nothing is known of the node.</summary>
    /// <param name="since">Only those that end later.</param>
    public IReadOnlyList<LoadSample> Read(NodeId node, DateTimeOffset since)
    {
        lock (_gate)
        {
            return _nodes.TryGetValue(node, out var known) ? [.. known.Read().Where(s => s.At > since)] : [];
        }
    }

    private sealed class OneNode
    {
        private readonly Ring<NodeSample> _samples = new(SamplesOfNode);
        private Amounts _total;
        private long _succeeded;
        private long _failed;

        public DateTimeOffset Last => _samples[_samples.Count - 1].At;

        public void Add(DateTimeOffset at, NodeLoad load)
        {
            while (_samples.Count > 0 && Last >= at)
            {
                var last = TakeLast();
                if (last.Repeats > 0)
                {
                    _samples.Add(last.WithoutLast(Period));
                }
            }

            while (_samples.Count > 0 && _samples[0].At <= at - Kept)
            {
                _samples.RemoveFirst();
            }

            var sample = new NodeSample(at, load.Used, load.Running, load.Succeeded - _succeeded, load.Failed - _failed);
            if (_samples.Count > 0 && at - Last < Period * 1.5 && _samples[_samples.Count - 1] is { Repeats: < MostRepeats } same && same.Says(sample))
            {
                _ = TakeLast();
                sample = sample with { Repeats = (ushort)(same.Repeats + 1) };
            }

            _samples.Add(sample);
            (_total, _succeeded, _failed) = (load.Total, load.Succeeded, load.Failed);
        }

        public IEnumerable<LoadSample> Read()
        {
            var before = DateTimeOffset.MinValue;
            for (var i = 0; i < _samples.Count; i++)
            {
                var sample = _samples[i];
                for (var left = (int)sample.Repeats; left >= 0; left--)
                {
                    // A sample of a node that was away since the one before is of no more than the usual time.
                    var at = sample.At - (Period * left);
                    var span = at - before < Period * 1.5 ? at - before : Period;
                    before = at;
                    if (at > Last - Kept)
                    {
                        yield return sample.Read(at, span, _total);
                    }
                }
            }
        }

        private NodeSample TakeLast()
        {
            var last = _samples[_samples.Count - 1];
            _samples.RemoveLast();
            return last;
        }
    }
}
