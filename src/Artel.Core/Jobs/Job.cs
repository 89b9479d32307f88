namespace Artel.Core;

/// <summary>An unfinished job: its templates, the counts over their tasks, and who worked on it.</summary>
internal sealed class Job
{
    private readonly int[] _counts = new int[(int)TaskState.Skipped + 1];

    public Job(JobId id, JobSpec spec, ReadOnlyMemory<byte> document, bool held, DateTimeOffset submitted)
    {
        Id = id;
        Spec = spec;
        Document = document;
        Held = held;
        Submitted = submitted;
        Templates = new Template[spec.Templates.Length];
        for (var i = 0; i < Templates.Length; i++)
        {
            Templates[i] = new Template(this, i);
        }

        Sections = new Section[spec.Sections.Length];
        for (var i = 0; i < Sections.Length; i++)
        {
            Sections[i] = new Section(this, spec.Sections[i]);
        }

        foreach (var template in Templates)
        {
            template.Section = template.Spec.Section >= 0 ? Sections[template.Spec.Section] : null;
            foreach (var needed in template.Spec.After)
            {
                Templates[needed].Dependents.Add(template);
            }

            this[template.IsWaiting ? TaskState.Waiting : TaskState.Ready] += template.Spec.Count;
        }
    }

    public JobId Id { get; }

    public JobSpec Spec { get; }

    public ReadOnlyMemory<byte> Document { get; }

    public bool Held { get; set; }

    public DateTimeOffset Submitted { get; }

    public DateTimeOffset? Started { get; set; }

    public Template[] Templates { get; }

    public Section[] Sections { get; }

    /// <summary>What nodes have done for the job.</summary>
    public SortedDictionary<NodeId, NodeShare> Shares { get; } = [];

    /// <summary>How many tasks are in a state.</summary>
    public int this[TaskState state]
    {
        get => _counts[(int)state];
        private set => _counts[(int)state] = value;
    }

    public int Unfinished => Spec.TaskCount - this[TaskState.Succeeded] - this[TaskState.Failed] - this[TaskState.Cancelled] - this[TaskState.Skipped];

    public TaskCounts Counts => new(
        Spec.TaskCount, this[TaskState.Waiting], this[TaskState.Ready], this[TaskState.Leased], this[TaskState.Running],
        this[TaskState.Succeeded], this[TaskState.Failed], this[TaskState.Cancelled], this[TaskState.Skipped]);

    public JobState State => Unfinished > 0
        ? Started is null ? JobState.Waiting : JobState.Running
        : this[TaskState.Failed] > 0 ? JobState.Failed
        : this[TaskState.Cancelled] > 0 ? JobState.Cancelled
        : JobState.Succeeded;

    public void Move(TaskState from, TaskState to, int tasks = 1)
    {
        this[from] -= tasks;
        this[to] += tasks;
    }

    public NodeShare ShareOf(NodeId node)
    {
        if (!Shares.TryGetValue(node, out var share))
        {
            Shares[node] = share = new NodeShare();
        }

        return share;
    }

    /// <summary>The template of a task number, by binary search. The number must be the job's.</summary>
    public Template TemplateOf(int task)
    {
        var (low, high) = (0, Templates.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Templates[middle].Spec.FirstTask <= task)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return Templates[low];
    }
}

/// <summary>What one node has done for one job.</summary>
internal sealed class NodeShare
{
    public int Running { get; set; }

    public int Succeeded { get; set; }

    /// <summary>Attempts that ended otherwise, retried ones too.</summary>
    public int FailedAttempts { get; set; }
}
