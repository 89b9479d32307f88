using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// Tasks that are to run on another node than those they failed on. Tasks that are alike and avoid the same nodes are one group: like
/// a class it is looked at as a whole, and a task of it only when it is granted. A task that waits no more, or whose job is held, is
/// taken out when it is come across.
/// </summary>
internal sealed class AvoidingTasks
{
    private readonly Dictionary<AvoidingKey, SortedSet<(JobId Job, int Task)>> _groups = [];

    public bool IsEmpty => _groups.Count == 0;

    public void Add(Template template, int offset, ImmutableArray<NodeId> avoided)
    {
        var key = new AvoidingKey(ClassKey.Of(template), avoided);
        if (!_groups.TryGetValue(key, out var tasks))
        {
            _groups[key] = tasks = [];
        }

        tasks.Add((template.Job.Id, template.NumberAt(offset)));
    }

    public bool Has(Template template, int offset, ImmutableArray<NodeId> avoided) =>
        _groups.TryGetValue(new AvoidingKey(ClassKey.Of(template), avoided), out var tasks)
        && tasks.Contains((template.Job.Id, template.NumberAt(offset)));

    /// <summary>Groups with something to start, those with older tasks first.</summary>
    public IReadOnlyList<AvoidingKey> Groups(SortedDictionary<JobId, Job> jobs)
    {
        foreach (var key in _groups.Keys.ToArray())
        {
            _ = First(key, jobs);
        }

        return [.. _groups.OrderBy(g => g.Value.Min).Select(g => g.Key)];
    }

    /// <summary>The task of a group to start next, or null where there is none left: then the group is gone.</summary>
    public (Template Template, int Offset)? First(AvoidingKey key, SortedDictionary<JobId, Job> jobs)
    {
        while (_groups.TryGetValue(key, out var tasks))
        {
            var (id, number) = tasks.Min;
            if (jobs.TryGetValue(id, out var job) && !job.Held && job.Avoiding.TryGet(number, out var avoided)
                && avoided.AsSpan().SequenceEqual(key.Nodes.AsSpan()) && job.TemplateOf(number) is { IsWaiting: false } template
                && ClassKey.Of(template) == key.Class)
            {
                return (template, number - template.Spec.FirstTask);
            }

            tasks.Remove((id, number));
            if (tasks.Count == 0)
            {
                _groups.Remove(key);
            }
        }

        return null;
    }
}

/// <param name="Nodes">To be avoided, in order of id.</param>
internal readonly record struct AvoidingKey(ClassKey Class, ImmutableArray<NodeId> Nodes)
{
    public bool Equals(AvoidingKey other) => Class == other.Class && Nodes.AsSpan().SequenceEqual(other.Nodes.AsSpan());

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Class);
        foreach (var node in Nodes)
        {
            hash.Add(node);
        }

        return hash.ToHashCode();
    }
}
