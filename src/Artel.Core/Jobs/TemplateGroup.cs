using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// Templates of one job that the scheduler treats alike: same resources, labels, tags and timeout. A job of a million
/// templates mostly has one group.
/// </summary>
/// <param name="like">The spec of one of them.</param>
internal sealed class TemplateGroup(TemplateSpec like)
{
    public ImmutableArray<string> Tags { get; } = like.Tags;

    /// <summary>Limits that their tasks count towards.</summary>
    public ImmutableArray<TagLimit> Limits { get; set; } = [];

    /// <summary>Sorts templates into groups, and sets <see cref="Template.Group"/> of each.</summary>
    /// <returns>The groups, in the order of their first templates.</returns>
    public static TemplateGroup[] Sort(Template[] templates)
    {
        var groups = new Dictionary<Key, TemplateGroup>();
        Template? last = null;
        foreach (var template in templates)
        {
            // Mostly it is like the one before, and nothing has to be looked up.
            var key = new Key(template.Spec);
            if (last is not null && key.Equals(new Key(last.Spec)))
            {
                template.Group = last.Group;
            }
            else if (groups.TryGetValue(key, out var known))
            {
                template.Group = known;
            }
            else
            {
                groups[key] = template.Group = new TemplateGroup(template.Spec);
            }

            last = template;
        }

        return [.. groups.Values];
    }

    private readonly struct Key(TemplateSpec spec) : IEquatable<Key>
    {
        private readonly TemplateSpec _spec = spec;

        public bool Equals(Key other) =>
            ReferenceEquals(_spec, other._spec)
            || (_spec.Timeout == other._spec.Timeout && _spec.Needs == other._spec.Needs
                && _spec.Labels.AsSpan().SequenceEqual(other._spec.Labels.AsSpan())
                && _spec.Prefer.AsSpan().SequenceEqual(other._spec.Prefer.AsSpan())
                && _spec.Tags.AsSpan().SequenceEqual(other._spec.Tags.AsSpan()));

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(
            _spec.Timeout, _spec.Needs, _spec.Labels.Length, _spec.Prefer.Length,
            _spec.Tags.Length > 0 ? _spec.Tags[0] : "");
    }
}
