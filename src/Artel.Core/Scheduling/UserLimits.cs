using System.Collections.Immutable;

namespace Artel.Core;

/// <summary>How many tasks of each user may be assigned to nodes at the same time.</summary>
/// <param name="Default">Of users who are not among <paramref name="Own"/>. Null means no limit.</param>
/// <param name="Own">Limits of single users, by name. Null means no limit.</param>
public sealed record UserLimits(int? Default, ImmutableDictionary<string, int?> Own)
{
    public static UserLimits None { get; } = new(null, ImmutableDictionary<string, int?>.Empty);

    public int? Of(string user) => Own.TryGetValue(user, out var own) ? own : Default;
}
