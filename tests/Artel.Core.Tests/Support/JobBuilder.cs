namespace Artel.Core.Tests;

/// <summary>Writes a job spec down in the order of a map: lists of nodes first, then tasks for any node. Numbers tasks as the map does.</summary>
internal sealed class JobBuilder
{
    private readonly List<SectionSpec> _sections = [];
    private readonly List<TemplateSpec> _templates = [];
    private readonly List<string[]> _after = [];
    private Func<JobSpec, JobSpec> _with = spec => spec;
    private int _priority;

    public static JobBuilder Array(int count, Func<TemplateSpec, TemplateSpec>? with = null) => new JobBuilder().Task("array", count, with: with);

    public static JobBuilder Single(Func<TemplateSpec, TemplateSpec>? with = null) => new JobBuilder().Task("task", with: with);

    public JobBuilder Priority(int priority)
    {
        _priority = priority;
        return this;
    }

    /// <summary>What a job has besides its tasks.</summary>
    public JobBuilder With(Func<JobSpec, JobSpec> with)
    {
        var before = _with;
        _with = spec => with(before(spec));
        return this;
    }

    /// <summary>The last task that was added starts after others; these are places in the order of adding, from 0.</summary>
    public JobBuilder After(params Dependency[] after)
    {
        _templates[^1] = _templates[^1] with { After = [.. after] };
        return this;
    }

    /// <summary>A list of single tasks for a node.</summary>
    public JobBuilder List(string node, int tasks, int atOnce = 1, Func<TemplateSpec, TemplateSpec>? with = null) =>
        List(node, atOnce, [.. Enumerable.Range(1, tasks).Select(i => new ListTask($"{node}-{i}", With: with))]);

    public JobBuilder List(string node, int atOnce, params ListTask[] tasks)
    {
        _sections.Add(new SectionSpec(new NodeId(node), atOnce, _templates.Count, tasks.Length));
        foreach (var task in tasks)
        {
            Add(task.Name, task.Count, Needs.None, OnNodeLost.Wait, _sections.Count - 1, task.After, task.With);
        }

        return this;
    }

    /// <summary>A task, or an array, for any fitting node. Needs one cpu unless told otherwise.</summary>
    public JobBuilder Task(string name, int count = 1, string[]? after = null, Func<TemplateSpec, TemplateSpec>? with = null)
    {
        Add(name, count, Needs.OneCpu, OnNodeLost.Requeue, -1, after, with);
        return this;
    }

    public JobSpec Build()
    {
        var names = _templates.Select((t, i) => (t.Name, Index: i)).Where(t => t.Name.Length > 0).ToDictionary(t => t.Name, t => t.Index);
        var templates = _templates.Zip(_after, (t, after) => t with { After = [.. t.After, .. after.Select(a => new Dependency(names[a]))] });
        return _with(new JobSpec("job", "user", _priority, [.. _sections], [.. templates]));
    }

    private void Add(
        string name, int count, Needs needs, OnNodeLost onNodeLost, int section, string[]? after, Func<TemplateSpec, TemplateSpec>? with)
    {
        var spec = new TemplateSpec
        {
            Name = name,
            FirstTask = _templates.Count == 0 ? 1 : _templates[^1].FirstTask + _templates[^1].Count,
            Count = count,
            Section = section,
            Needs = needs,
            OnNodeLost = onNodeLost,
        };
        _templates.Add(with?.Invoke(spec) ?? spec);
        _after.Add(after ?? []);
    }
}

internal sealed record ListTask(string Name, int Count = 1, string[]? After = null, Func<TemplateSpec, TemplateSpec>? With = null);
