namespace Artel.Core;

public sealed partial class ClusterState
{
    /// <summary>So many tags have a limit at the most: all are kept in memory.</summary>
    public const int MostLimits = 10_000;

    private readonly TagLimits _limits = new();

    /// <summary>While several limits are set: the tags that have one now and had none, or the other way round. Else null.</summary>
    private HashSet<string>? _relimited;

    /// <summary>Whether all of the tags may have a limit.</summary>
    public bool HasRoomForLimits(IEnumerable<string> tags) => _limits.Count + tags.Count(tag => _limits.Find(tag) is null) <= MostLimits;

    /// <summary>Sets how many tasks with a tag may be in the hands of nodes. What is there already stays.</summary>
    /// <param name="most">Null: however many.</param>
    /// <returns>False where there are too many limits already.</returns>
    public bool SetLimit(string tag, int? most) => SetLimits([KeyValuePair.Create(tag, most)]);

    /// <summary>Sets several limits. Looks at the templates and attempts that there are once for all of them.</summary>
    /// <returns>False, and nothing is set, where there would be too many.</returns>
    public bool SetLimits(IReadOnlyCollection<KeyValuePair<string, int?>> limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (!HasRoomForLimits(limits.Where(l => l.Value is not null).Select(l => l.Key)))
        {
            return false;
        }

        _relimited = [];
        foreach (var (tag, most) in limits)
        {
            if (_limits.Find(tag)?.Most != most)
            {
                Emit(new LimitSet(tag, most));
            }
        }

        var changed = _relimited;
        _relimited = null;
        Relimit(changed);
        return true;
    }

    /// <summary>The limit of a tag. Null means no limit.</summary>
    public int? LimitOf(string tag) => _limits.Find(tag)?.Most;

    /// <summary>The limits of tags, by tag.</summary>
    public IReadOnlyList<LimitView> ViewLimits() => [.. _limits.All.Select(l => new LimitView(l.Key, l.Value.Most, l.Value.Used))];

    private void Apply(LimitSet limit)
    {
        var had = _limits.Find(limit.Tag) is not null;
        if (limit.Most is { } most)
        {
            _limits.Set(limit.Tag, most);
        }
        else
        {
            _limits.Remove(limit.Tag);
        }

        if (_relimited is not null)
        {
            _ = had != limit.Most is not null && _relimited.Add(limit.Tag);
            return;
        }

        Relimit(had != limit.Most is not null ? [limit.Tag] : []);
    }

    /// <summary>Limits were set, or taken away, or have another number now.</summary>
    /// <param name="tags">Those that have a limit now and had none, or the other way round.</param>
    private void Relimit(HashSet<string> tags)
    {
        foreach (var attempt in tags.Count == 0 ? [] : _nodes.Values.SelectMany(n => n.Attempts.Values))
        {
            foreach (var tag in attempt.Template.Spec.Tags)
            {
                if (tags.Contains(tag) && _limits.Find(tag) is { } limit)
                {
                    limit.Used++;
                }
            }
        }

        foreach (var job in _jobs.Values.Where(j => tags.Count > 0 && j.Groups.Any(g => g.Tags.Any(tags.Contains))))
        {
            Relimit(job);
        }

        foreach (var job in _jobs.Values)
        {
            Reconsider(job);
        }

        _scheduler.LookAgain();
    }

    /// <summary>A task that counts towards limits has left its node: what they held back may go on, on any node.</summary>
    private void CountDown(Template template)
    {
        foreach (var limit in template.Limits)
        {
            var wasReached = limit.Room == 0;
            limit.Used--;
            if (wasReached && limit.Room > 0)
            {
                _scheduler.Freed(limit);
            }
        }

        if (template.Spec.AtOnce > 0 && template.FreePlaces == 1)
        {
            _scheduler.Freed(template);
        }
    }
}
