namespace Artel.Core;

/// <summary>Places tasks that avoid nodes, as a part of a round of placing.</summary>
internal sealed class AvoidingRound(
    AvoidingTasks tasks, Dictionary<NodeId, NodeRecord> nodes, SortedDictionary<JobId, Job> jobs, NodeRecord[] candidates,
    Func<NodeRecord, Template, bool> hasRoom, Action<Template, TaskRange, NodeRecord> grant)
{
    private readonly Dictionary<ClassKey, NodeRecord[]> _fitting = [];

    /// <summary>Groups with something to start.</summary>
    public IReadOnlyList<AvoidingKey> Groups { get; } = candidates.Length == 0 ? [] : tasks.Groups(jobs);

    /// <summary>The task of a group that goes next; null if there is none.</summary>
    public Template? First(AvoidingKey group) => tasks.First(group, jobs)?.Template;

    /// <summary>Gives tasks of a group to nodes. False if none could be given.</summary>
    /// <param name="parts">How many such turns what there is should last for.</param>
    public bool Place(AvoidingKey group, int parts)
    {
        if (tasks.First(group, jobs) is not var (like, _))
        {
            return false;
        }

        // Looked for once for all groups of a class: if all nodes are busy, a group costs nothing more.
        if (!_fitting.TryGetValue(group.Class, out var fitting))
        {
            _fitting[group.Class] = fitting = Array.FindAll(candidates, n => n.CouldRun(like) && hasRoom(n, like));
        }

        if (fitting.Length == 0)
        {
            return false;
        }

        // A node that is busy is waited for. If there is none at all, a task would wait for ever. Nodes on which the last task could not
        // be started are taken only if there is no better one.
        bool IsOther(NodeRecord n) => !group.Nodes.Contains(n.Id);
        bool IsGood(NodeRecord n) => IsOther(n) && n.StartsOf(group.Class.User).IsGood;
        var others = Exists(IsGood, like) ? Array.FindAll(fitting, IsGood) : Exists(IsOther, like) ? Array.FindAll(fitting, IsOther) : fitting;
        return Give(group, others, parts == 1 ? int.MaxValue : Math.Max(1, others.Length / parts)) > 0;
    }

    private bool Exists(Predicate<NodeRecord> which, Template like) => nodes.Values.Any(n => which(n) && n.Takes(like));

    /// <summary>Gives one to each node in turn, so that they spread out, at most so many, and says how many.</summary>
    private int Give(AvoidingKey group, NodeRecord[] fitting, int most)
    {
        var given = 0;
        for (var before = -1; before < given && given < most;)
        {
            before = given;
            foreach (var node in fitting)
            {
                if (given < most && tasks.First(group, jobs) is var (template, offset) && hasRoom(node, template))
                {
                    grant(template, new TaskRange(offset, offset), node);
                    given++;
                }
            }
        }

        return given;
    }
}
