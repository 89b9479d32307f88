using Artel.Protocol.V1;

namespace Artel.Cli.Json;

/// <param name="Used">Tasks with the tag that are leased or running.</param>
internal sealed record LimitJson(string Tag, int Most, int Used);

internal sealed record LimitListJson(IReadOnlyList<LimitJson> Limits)
{
    public static LimitListJson Of(IEnumerable<Limit> limits) => new([.. limits.Select(l => new LimitJson(l.Tag, l.Most, l.Used))]);
}
