namespace Artel.Core;

/// <summary>How much there is to do, and how busy the nodes are.</summary>
public sealed partial class ClusterState
{
    /// <summary>How many tasks of unfinished jobs are in each state. Kept, so that nobody has to walk over the jobs.</summary>
    private readonly int[] _taskTotals = new int[(int)TaskState.Skipped + 1];
    private long _succeeded;
    private long _failed;

    /// <summary>Over the tasks of all unfinished jobs.</summary>
    public TaskCounts CountTasks() => new(
        _taskTotals.Sum(), _taskTotals[(int)TaskState.Waiting], _taskTotals[(int)TaskState.Ready], _taskTotals[(int)TaskState.Leased],
        _taskTotals[(int)TaskState.Running], _taskTotals[(int)TaskState.Succeeded], _taskTotals[(int)TaskState.Failed],
        _taskTotals[(int)TaskState.Cancelled], _taskTotals[(int)TaskState.Skipped]);

    public int CountJobs() => _jobs.Count;

    /// <summary>Walks over the nodes.</summary>
    public ClusterLoad Measure()
    {
        var (connected, used, total) = (0, default(Amounts), default(Amounts));
        foreach (var node in _nodes.Values)
        {
            if (node.Condition == NodeCondition.Connected)
            {
                connected++;
                used += UsedOf(node);
                total += TotalOf(node);
            }
        }

        return new ClusterLoad(
            connected, used, total, _taskTotals[(int)TaskState.Running], _taskTotals[(int)TaskState.Ready], _succeeded, _failed);
    }

    /// <summary>Of every connected node, in no order.</summary>
    public IReadOnlyList<NodeLoad> MeasureNodes()
    {
        var loads = new List<NodeLoad>(_nodes.Count);
        foreach (var node in _nodes.Values)
        {
            if (node.Condition == NodeCondition.Connected)
            {
                loads.Add(new NodeLoad(node.Id, UsedOf(node), TotalOf(node), node.Running, node.TasksSucceeded, node.TasksFailed));
            }
        }

        return loads;
    }

    /// <summary>How many nodes are known and how many of them are connected.</summary>
    public (int Known, int Connected) CountNodes()
    {
        var connected = 0;
        foreach (var node in _nodes.Values)
        {
            connected += node.Condition == NodeCondition.Connected ? 1 : 0;
        }

        return (_nodes.Count, connected);
    }

    /// <summary>Every node that is known, in no order.</summary>
    public IReadOnlyCollection<NodeId> Nodes => _nodes.Keys;

    /// <summary>Work that is given ahead asks for more than there is: what of it waits uses nothing.</summary>
    private static Amounts UsedOf(NodeRecord node)
    {
        var total = node.Description.Resources;
        return new Amounts(
            Math.Min(node.Load.MilliCpus, total.MilliCpus), Math.Min(node.Load.MemoryBytes, total.MemoryBytes), Math.Min(node.Load.MilliGpus, total.MilliGpus));
    }

    private static Amounts TotalOf(NodeRecord node)
    {
        var total = node.Description.Resources;
        return new Amounts(total.MilliCpus, total.MemoryBytes, total.MilliGpus);
    }

    private void CountEnds(TaskState state, int tasks)
    {
        _succeeded += state == TaskState.Succeeded ? tasks : 0;
        _failed += state == TaskState.Failed ? tasks : 0;
    }
}
