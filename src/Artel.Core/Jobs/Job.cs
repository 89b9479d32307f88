using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>An unfinished job: its templates, the counts over their tasks, and who worked on it.</summary>
internal sealed class Job
{
    private readonly int[] _counts = new int[(int)TaskState.Skipped + 1];
    private int[]? _totals;

    // Which templates need which: those of template i are from _dependentsFrom[i] to before _dependentsFrom[i + 1].
    private readonly int[] _dependentsFrom;
    private readonly Dependent[] _dependents;

    /// <summary>Builds what follows from the spec alone. <see cref="Begin"/> makes it a job of a cluster.</summary>
    public Job(JobSpec spec)
    {
        Spec = spec;
        Priority = spec.Priority;
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
            this[template.StateOf(0)] += template.Spec.Count;
            if (template.Section is { } section)
            {
                section.Assigned += template.Spec.Count;
            }
        }

        (_dependentsFrom, _dependents) = FindDependents();
        Groups = TemplateGroup.Sort(Templates);
    }

    public JobId Id { get; private set; }

    /// <summary>As it was submitted, or revised last.</summary>
    public JobSpec Spec { get; private set; }

    public ReadOnlyMemory<byte> Document { get; private set; }

    /// <summary>True if some of its attempts may have been granted with other terms than those it has now.</summary>
    public bool IsRevised { get; set; }

    public bool Held { get; set; }

    /// <summary>Higher goes first.</summary>
    public int Priority { get; set; }

    /// <summary>What it waits for in other jobs.</summary>
    public HashSet<JobDependency> Awaits { get; } = [];

    /// <summary>Nothing of it starts before. Null: it does not wait for a time.</summary>
    public DateTimeOffset? WaitsUntil { get; set; }

    /// <summary>True if all of it waits for something outside of it. After a change: <see cref="CountPending"/>.</summary>
    public bool IsPending => Awaits.Count > 0 || WaitsUntil is not null;

    public DateTimeOffset Submitted { get; private set; }

    /// <summary>When it was submitted, or was to start where that came later.</summary>
    public DateTimeOffset Due => Spec.StartAt is { } at && at > Submitted ? at : Submitted;

    public DateTimeOffset? Started { get; set; }

    /// <summary>What its user has, all jobs together.</summary>
    public UserLoad User { get; set; } = new();

    public Template[] Templates { get; }

    /// <summary>Its templates by what the scheduler treats alike.</summary>
    public TemplateGroup[] Groups { get; private set; }

    public Section[] Sections { get; }

    public SparseTasks<Attempt> InFlight { get; } = new();

    /// <summary>Of tasks that were tried and did not simply succeed.</summary>
    public SparseTasks<TaskHistory> Histories { get; } = new(inOrder: true);

    /// <summary>Tasks that wait for a retry, and until when.</summary>
    public SparseTasks<DateTimeOffset> BackingOff { get; } = new(inOrder: true);

    /// <summary>Tasks of no list that wait for the node they were lost with.</summary>
    public SparseTasks<NodeId> Bound { get; } = new(inOrder: true);

    /// <summary>Tasks that may start now, on another node than these.</summary>
    public SparseTasks<ImmutableArray<NodeId>> Avoiding { get; } = new(inOrder: true);

    /// <summary>Where it has only one task, what it shares with jobs like it.</summary>
    public JobKind? Kind { get; set; }

    /// <summary>See <see cref="Template.TypicalTime"/>; negative before the first has ended.</summary>
    public long TypicalTicksOfSingles { get; set; } = -1;

    /// <summary>What nodes have done for the job. In no order.</summary>
    public Dictionary<NodeId, NodeShare> Shares { get; } = [];

    /// <summary>Tasks that have just ended and that other jobs wait for; null if there are none.</summary>
    public List<int>? EndedAwaited { get; set; }

    /// <summary>How many followups have still to revive tasks that were skipped because of retried ones.</summary>
    public int Revivals { get; set; }

    /// <summary>How many tasks such followups have revived that no answer to a retry has counted yet.</summary>
    public int Revived { get; set; }

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

    /// <summary>
    /// True for a job without tasks that was cancelled, or that waited for something that did not succeed.
    /// </summary>
    public bool IsGivenUp { get; set; }

    /// <summary>True if all its tasks have ended; if it has none, once it no longer waits for anything.</summary>
    public bool IsOver => Unfinished == 0 && (Spec.TaskCount > 0 || !IsPending || IsGivenUp);

    public JobState State => !IsOver
        ? Started is null ? JobState.Waiting : JobState.Running
        : this[TaskState.Failed] > 0 ? JobState.Failed
        : this[TaskState.Cancelled] + this[TaskState.Skipped] > 0 || IsGivenUp ? JobState.Cancelled
        : JobState.Succeeded;

    /// <summary>Makes it a job of a cluster. Called once, before anything else is done with it.</summary>
    /// <param name="awaits">Of what the spec says it waits for in other jobs, what has not ended yet.</param>
    /// <param name="waitsUntil">Nothing of it starts before. Null: it does not wait for a time.</param>
    public void Begin(
        JobId id, ReadOnlyMemory<byte> document, bool held, DateTimeOffset submitted, IEnumerable<JobDependency> awaits, DateTimeOffset? waitsUntil)
    {
        Id = id;
        Document = document;
        Held = held;
        Submitted = submitted;
        Awaits.UnionWith(awaits);
        WaitsUntil = waitsUntil;
        if (IsPending)
        {
            CountPending();
        }
    }

    /// <summary>Counts the tasks that only <see cref="IsPending"/> holds back, after it has changed.</summary>
    public void CountPending()
    {
        var (from, to) = IsPending ? (TaskState.Ready, TaskState.Waiting) : (TaskState.Waiting, TaskState.Ready);
        Move(from, to, Templates.Where(t => t.WaitingFor == 0).Sum(t => t.OpenCount));
    }

    /// <summary>Replaces its terms. None of its templates may be queued.</summary>
    /// <param name="spec">The new terms, for the same tasks.</param>
    public void Revise(JobSpec spec, ReadOnlyMemory<byte> document)
    {
        (Spec, Document, IsRevised) = (spec, document, true);
        foreach (var template in Templates)
        {
            template.Revise(spec.Templates[template.Index]);
        }

        Groups = TemplateGroup.Sort(Templates);
        for (var i = 0; i < Sections.Length; i++)
        {
            Sections[i].Spec = spec.Sections[i];
        }
    }

    public ReadOnlySpan<Dependent> DependentsOf(int template) =>
        _dependents.Length == 0 ? [] : _dependents.AsSpan(_dependentsFrom[template].._dependentsFrom[template + 1]);

    public void Move(TaskState from, TaskState to, int tasks)
    {
        this[from] -= tasks;
        this[to] += tasks;
        if (_totals is not null)
        {
            _totals[(int)from] -= tasks;
            _totals[(int)to] += tasks;
            User.Unfinished += (from.HasEnded() ? tasks : 0) - (to.HasEnded() ? tasks : 0);
        }
    }

    /// <summary>From here on, its tasks are counted among those of all jobs.</summary>
    /// <param name="totals">By state.</param>
    public void CountIn(int[] totals)
    {
        _totals = totals;
        User.Unfinished += Unfinished;
        for (var state = 0; state < _counts.Length; state++)
        {
            totals[state] += _counts[state];
        }
    }

    public void CountOut()
    {
        User.Unfinished -= _totals is not null ? Unfinished : 0;
        for (var state = 0; _totals is not null && state < _counts.Length; state++)
        {
            _totals[state] -= _counts[state];
        }

        _totals = null;
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

    /// <summary>
    /// The templates that tasks belong to, with their offsets. Numbers beyond the tasks of the job are left out.
    /// </summary>
    public IEnumerable<(Template Template, TaskRange Offsets)> Parts(IEnumerable<TaskRange> tasks)
    {
        foreach (var range in tasks)
        {
            var (first, last) = (Math.Max(1, range.First), Math.Min(Spec.TaskCount, range.Last));
            while (first <= last)
            {
                var template = TemplateOf(first);
                var end = Math.Min(last, template.Spec.Tasks.Last);
                yield return (template, new TaskRange(first - template.Spec.FirstTask, end - template.Spec.FirstTask));
                first = end + 1;
            }
        }
    }

    private (int[] From, Dependent[] Dependents) FindDependents()
    {
        var total = Templates.Sum(t => t.Spec.After.Length);
        if (total == 0)
        {
            return ([], []);
        }

        var from = new int[Templates.Length + 1];
        foreach (var template in Templates)
        {
            foreach (var needed in template.Spec.After)
            {
                from[needed.Template + 1]++;
            }
        }

        for (var i = 0; i < Templates.Length; i++)
        {
            from[i + 1] += from[i];
        }

        var dependents = new Dependent[total];
        var next = from.ToArray();
        foreach (var template in Templates)
        {
            foreach (var needed in template.Spec.After)
            {
                dependents[next[needed.Template]++] = new Dependent(template, needed);
            }
        }

        return (from, dependents);
    }
}

/// <summary>What one node has done for one job.</summary>
internal sealed class NodeShare
{
    public int Running { get; set; }

    public int Succeeded { get; set; }

    /// <summary>Attempts that failed, retried ones too.</summary>
    public int FailedAttempts { get; set; }
}
