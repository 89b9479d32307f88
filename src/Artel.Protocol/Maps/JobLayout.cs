using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>
/// Which task number of a job means what: tasks are numbered from 1, first the nodes' lists in their order, then
/// <c>tasks</c>; an array takes one number per index. Immutable; costs what the templates cost, not what the tasks do.
/// </summary>
public sealed class JobLayout
{
    private readonly TemplatePlace[] _templates;

    private JobLayout(TemplatePlace[] templates, int taskCount)
    {
        _templates = templates;
        TaskCount = taskCount;
    }

    /// <summary>In the order of task numbers.</summary>
    public IReadOnlyList<TemplatePlace> Templates => _templates;

    public int TaskCount { get; }

    /// <param name="job">One in which <see cref="JobSpecs.ValidateSpec"/> finds no mistakes.</param>
    public static JobLayout Of(JobSpec job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var templates = new List<TemplatePlace>();
        var next = 1;
        foreach (var section in job.Sections)
        {
            var firstInList = 1;
            foreach (var template in section.Tasks)
                firstInList += Add(template, section.Node, firstInList);
        }

        foreach (var template in job.Tasks)
            Add(template, null, 0);

        return new JobLayout([.. templates], next - 1);

        int Add(TaskTemplate template, string? node, int firstInList)
        {
            var place = new TemplatePlace(templates.Count, template, next, node, firstInList);
            templates.Add(place);
            next = checked(next + place.Count);
            return place.Count;
        }
    }

    /// <summary>The template that a task is made from.</summary>
    /// <param name="task">From 1.</param>
    public TemplatePlace TemplateOf(int task)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(task, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(task, TaskCount);
        var (low, high) = (0, _templates.Length - 1);
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            if (_templates[middle].FirstTask <= task)
                low = middle;
            else
                high = middle - 1;
        }

        return _templates[low];
    }
}
