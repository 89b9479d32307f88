using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// Tasks that are alike to the scheduler: same priority, user, needs, labels, limits and timeout. A node that has no room for one of them has none for any.
/// Holds the templates with tasks that may start now, oldest job first, as ranges of templates: a million alike cost as much as one.
/// </summary>
/// <param name="number">Counts the classes that there were.</param>
internal sealed class TaskClass(ClassKey key, UserLoad user, long number)
{
    private readonly SortedDictionary<JobId, (Job Job, IndexRanges Templates)> _queue = [];
    private Template? _first;

    public ClassKey Key { get; } = key;

    public UserLoad User { get; } = user;

    public long Number { get; } = number;

    /// <summary>The job whose tasks go next. Only while there is something to start.</summary>
    public JobId FirstJob { get; private set; }

    /// <summary>
    /// None of the nodes could run its tasks, even with nothing else to do. It is looked at only on nodes that come or
    /// change.
    /// </summary>
    public bool FitsNowhere { get; set; }

    /// <summary>What <see cref="Reservations"/> knows of a class that waits for room.</summary>
    public ReservationLook Look { get; } = new();

    public bool IsEmpty => _queue.Count == 0;

    /// <summary>The template whose tasks go next, or null where there is none.</summary>
    public Template? First
    {
        get
        {
            if (_first is null && _queue.Count > 0)
            {
                var (job, templates) = _queue[FirstJob];
                _first = job.Templates[templates.First];
            }

            return _first;
        }
    }

    public IEnumerable<Template> InOrder()
    {
        foreach (var (job, templates) in _queue.Values)
        {
            foreach (var range in templates.Ranges.ToArray())
            {
                for (var i = range.First; i <= range.Last; i++)
                {
                    yield return job.Templates[i];
                }
            }
        }
    }

    /// <summary>Whether adding templates of the job makes it the first.</summary>
    public bool GoesFirst(Job job) => IsEmpty || job.Id.CompareTo(FirstJob) < 0;

    /// <summary>Whether the template is all that the class has of its first job.</summary>
    public bool IsAllOfFirst(Template template) =>
        template.Job.Id == FirstJob && _queue[FirstJob].Templates.Count == 1;

    /// <summary>Adds templates of a job, by their places in it.</summary>
    public void Add(Job job, TaskRange templates)
    {
        if (!_queue.TryGetValue(job.Id, out var ofJob))
        {
            FirstJob = GoesFirst(job) ? job.Id : FirstJob;
            _queue[job.Id] = ofJob = (job, new IndexRanges());
        }

        ofJob.Templates.Add(templates);
        if (_first is { } first && (job.Id, templates.First).CompareTo((first.Job.Id, first.Index)) < 0)
        {
            _first = null;
        }
    }

    public void Remove(Template template)
    {
        var templates = _queue[template.Job.Id].Templates;
        templates.Remove(template.Index);
        if (templates.IsEmpty)
        {
            Remove(template.Job);
        }

        _first = template == _first ? null : _first;
    }

    /// <summary>Removes all templates of a job.</summary>
    public void Remove(Job job)
    {
        _queue.Remove(job.Id);
        if (job.Id == FirstJob)
        {
            _first = null;
            FirstJob = IsEmpty ? default : _queue.First().Key;
        }
    }
}

internal readonly record struct ClassKey(
    int Priority, string User, Needs Needs, ImmutableArray<Label> Labels, ImmutableArray<Label> Prefer, ImmutableArray<TagLimit> Limits,
    TimeSpan? Timeout)
{
    public static ClassKey Of(Template template) => new(
        template.Job.Priority, template.Job.Spec.User, template.Spec.Needs, template.Spec.Labels, template.Spec.Prefer, template.Limits,
        template.Spec.Timeout);

    public bool Equals(ClassKey other) =>
        Priority == other.Priority && Timeout == other.Timeout && User == other.User && Needs == other.Needs && Labels.AsSpan().SequenceEqual(other.Labels.AsSpan())
        && Prefer.AsSpan().SequenceEqual(other.Prefer.AsSpan()) && Limits.AsSpan().SequenceEqual(other.Limits.AsSpan());

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Priority);
        hash.Add(User);
        hash.Add(Timeout);
        hash.Add(Needs);
        foreach (var label in Labels)
        {
            hash.Add(label);
        }

        return hash.ToHashCode();
    }
}
