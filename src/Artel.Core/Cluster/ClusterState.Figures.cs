namespace Artel.Core;

/// <summary>The present in figures, for who watches the cluster as a whole.</summary>
public sealed partial class ClusterState
{
    /// <summary>Costs what jobs and nodes there are, not what tasks.</summary>
    public ClusterFigures Figures()
    {
        var (waiting, running, held) = (0, 0, 0);
        foreach (var job in _jobs.Values)
        {
            held += job.Held ? 1 : 0;
            waiting += !job.Held && job.Started is null ? 1 : 0;
            running += !job.Held && job.Started is not null ? 1 : 0;
        }

        return new ClusterFigures(CountTasks(), waiting, running, held, [.. _nodes.Values.OrderBy(n => n.Id).Select(FiguresOf)]);
    }

    private static NodeFigures FiguresOf(NodeRecord node) => new(
        node.Id, node.Condition, node.Draining, node.Running, node.Attempts.Count - node.Running, node.Load.MilliCpus, node.Load.MemoryBytes,
        node.Load.MilliGpus, node.Description.Resources);
}
