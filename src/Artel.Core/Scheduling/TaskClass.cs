using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>Tasks that are alike to the scheduler: same priority, needs and labels. A node that has no room for one of them has none for any.</summary>
internal sealed class TaskClass(ClassKey key)
{
    public ClassKey Key { get; } = key;

    /// <summary>Templates with tasks that may start now, oldest job first.</summary>
    public SortedSet<Template> Queue { get; } = new(OldestFirst.Instance);

    private sealed class OldestFirst : IComparer<Template>
    {
        public static OldestFirst Instance { get; } = new();

        public int Compare(Template? x, Template? y)
        {
            var byJob = x!.Job.Id.CompareTo(y!.Job.Id);
            return byJob != 0 ? byJob : x.Index.CompareTo(y.Index);
        }
    }
}

internal readonly record struct ClassKey(int Priority, Needs Needs, ImmutableArray<Label> Labels)
{
    public static ClassKey Of(Template template) => new(template.Job.Spec.Priority, template.Spec.Needs, template.Spec.Labels);

    public bool Equals(ClassKey other) =>
        Priority == other.Priority && Needs == other.Needs && Labels.AsSpan().SequenceEqual(other.Labels.AsSpan());

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Priority);
        hash.Add(Needs);
        foreach (var label in Labels)
        {
            hash.Add(label);
        }

        return hash.ToHashCode();
    }
}
