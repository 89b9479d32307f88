using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Chaos.Workload;

/// <summary>Writes one job down twice: as it is submitted, and as what is expected of it. Lists come before free tasks.</summary>
internal sealed class JobPlanner(string name, TaskProgram program)
{
    private readonly JobSpec _spec = new() { Name = name };
    private readonly List<PlannedTask> _tasks = [];
    private readonly Dictionary<string, IReadOnlyList<int>> _groups = [];

    public JobPlanner List(string node, int atOnce, params IEnumerable<Work> works)
    {
        var section = new NodeSection { Node = node, AtOnce = atOnce };
        foreach (var work in works)
        {
            section.Tasks.Add(Template(work));
            _tasks.Add(new PlannedTask(_tasks.Count + 1, work, node, []));
        }

        _spec.Sections.Add(section);
        return this;
    }

    /// <param name="group">Name of these tasks, for what comes after them.</param>
    /// <param name="count">More than one make an array.</param>
    /// <param name="after">Groups that must have succeeded before.</param>
    public JobPlanner Free(string group, int count, Work work, params string[] after)
    {
        var template = Template(work);
        template.Name = group;
        template.Needs = new Needs { MilliCpus = TaskProgram.MilliCpus };
        template.After.AddRange(after.Select(name => new Dependency { Name = name }));
        if (count > 1)
        {
            template.Array = new IndexSet { Ranges = { new IndexRange { First = 1, Last = count } } };
        }

        _spec.Tasks.Add(template);
        int[] before = [.. after.SelectMany(a => _groups[a])];
        var first = _tasks.Count + 1;
        _tasks.AddRange(Enumerable.Range(first, count).Select(number => new PlannedTask(number, work, null, before)));
        _groups[group] = [.. Enumerable.Range(first, count)];
        return this;
    }

    public PlannedJob Plan() => new(name, _spec, _tasks);

    private TaskTemplate Template(Work work) => new()
    {
        Run = { program.Arguments(work) },
        Exclusive = work.Exclusive,
        Retry = new RetryPolicy { Retries = work.Retries, Backoff = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(200)) },
    };
}
