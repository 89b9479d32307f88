namespace Artel.Core;

public sealed partial class ClusterState
{
    /// <summary>So many tags have a limit at the most: all are kept in memory.</summary>
    public const int MostLimits = 10_000;

    private readonly TagLimits _limits = new();

    /// <summary>Whether all of the tags may have a limit.</summary>
    public bool HasRoomForLimits(IEnumerable<string> tags) => _limits.Count + tags.Count(tag => _limits.Find(tag) is null) <= MostLimits;

    /// <summary>Sets how many tasks with a tag may be in the hands of nodes. What is there already stays.</summary>
    /// <param name="most">Null: however many.</param>
    /// <returns>False where there are too many limits already.</returns>
    public bool SetLimit(string tag, int? most)
    {
        if (most is not null && !HasRoomForLimits([tag]))
        {
            return false;
        }

        if (_limits.Find(tag)?.Most != most)
        {
            Emit(new LimitSet(tag, most));
        }

        return true;
    }

    /// <summary>The limit of a tag. Null means no limit.</summary>
    public int? LimitOf(string tag) => _limits.Find(tag)?.Most;

    /// <summary>The limits of tags, by tag.</summary>
    public IReadOnlyList<LimitView> ViewLimits() => [.. _limits.All.Select(l => new LimitView(l.Key, l.Value.Most, l.Value.Used))];

    private void Apply(LimitSet limit)
    {
        if (limit.Most is { } most)
        {
            _limits.Set(limit.Tag, most, _nodes.Values.Sum(n => n.Attempts.Values.Count(a => a.Template.Spec.Tags.Contains(limit.Tag))));
        }
        else
        {
            _limits.Remove(limit.Tag);
        }

        foreach (var template in _jobs.Values.SelectMany(j => j.Templates).Where(t => t.Spec.Tags.Contains(limit.Tag)))
        {
            // Limits are a part of what makes tasks alike.
            _scheduler.Dequeue(template);
            template.Limits = LimitsOf(template.Job, template);
            _scheduler.Requeue(template);
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
        var heldBack = template.Spec.AtOnce > 0;
        foreach (var limit in template.Limits)
        {
            heldBack |= limit.Room == 0;
            limit.Used--;
        }

        if (template.Spec.AtOnce > 0)
        {
            _scheduler.Requeue(template);
        }

        if (heldBack)
        {
            _scheduler.LookAgain();
        }
    }
}
