using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>
/// What templates of one job share that the scheduler need not keep apart. There may be a million of them.
/// </summary>
internal sealed class AlikeTemplates(TemplateSpec like)
{
    /// <summary>The spec of the first of them.</summary>
    public TemplateSpec Like { get; } = like;

    /// <summary>Limits that their tasks count towards.</summary>
    public ImmutableArray<TagLimit> Limits { get; set; } = [];

    /// <summary>Finds which templates are alike, and tells each of them.</summary>
    /// <returns>One for each kind of template, in order.</returns>
    public static AlikeTemplates[] Find(Template[] templates)
    {
        var all = new Dictionary<AlikeKey, AlikeTemplates>();
        Template? last = null;
        foreach (var template in templates)
        {
            // Mostly it is like the one before, and nothing has to be looked up.
            if (last is null || !ReferenceEquals(template.Spec, last.Spec))
            {
                var key = new AlikeKey(template.Spec);
                if (last is not null && key.Equals(new AlikeKey(last.Spec)))
                {
                    template.Alike = last.Alike;
                }
                else if (all.TryGetValue(key, out var known))
                {
                    template.Alike = known;
                }
                else
                {
                    all[key] = template.Alike = new AlikeTemplates(template.Spec);
                }
            }
            else
            {
                template.Alike = last.Alike;
            }

            last = template;
        }

        return [.. all.Values];
    }

    private readonly struct AlikeKey(TemplateSpec spec) : IEquatable<AlikeKey>
    {
        private readonly TemplateSpec _spec = spec;

        public bool Equals(AlikeKey other) =>
            _spec.Timeout == other._spec.Timeout && _spec.Needs == other._spec.Needs
            && _spec.Labels.AsSpan().SequenceEqual(other._spec.Labels.AsSpan())
            && _spec.Prefer.AsSpan().SequenceEqual(other._spec.Prefer.AsSpan())
            && _spec.Tags.AsSpan().SequenceEqual(other._spec.Tags.AsSpan());

        public override bool Equals(object? obj) => obj is AlikeKey other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(
            _spec.Timeout, _spec.Needs, _spec.Labels.Length, _spec.Prefer.Length,
            _spec.Tags.Length > 0 ? _spec.Tags[0] : "");
    }
}
