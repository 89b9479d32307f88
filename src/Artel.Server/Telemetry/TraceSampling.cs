using System.Globalization;
using Artel.Protocol.Tracing;

namespace Artel.Server.Telemetry;

/// <summary>
/// Which traces are recorded, by <c>OTEL_TRACES_SAMPLER</c> and its argument. Told as a number below which trace ids are, so that nodes come to
/// the same: what a task is told of its trace, and what the server exports, go together.
/// </summary>
/// <param name="Below">Traces that begin here are recorded where the first 8 bytes of their id, without the highest bit, are less than this.</param>
/// <param name="FollowsParent">A submitter's trace is recorded where the submitter says so.</param>
internal sealed record TraceSampling(ulong Below, bool FollowsParent, string Problem)
{
    private const ulong All = ulong.MaxValue;

    public static TraceSampling None { get; } = new(0, FollowsParent: false, "");

    /// <param name="variable">Gives a variable's value.</param>
    public static TraceSampling Read(Func<string, string?> variable)
    {
        const string Otherwise = "parentbased_always_on";
        var name = variable("OTEL_TRACES_SAMPLER") is { Length: > 0 } said ? said.Trim().ToLowerInvariant() : Otherwise;
        var argument = variable("OTEL_TRACES_SAMPLER_ARG") ?? "";
        var follows = name.StartsWith("parentbased_", StringComparison.Ordinal);
        switch (follows ? name["parentbased_".Length..] : name)
        {
            case "always_on":
                return new TraceSampling(All, follows, "");
            case "always_off":
                return new TraceSampling(0, follows, "");
            case "traceidratio" when argument.Length == 0:
                return new TraceSampling(All, follows, "");
            case "traceidratio" when double.TryParse(argument, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1:
                return new TraceSampling(ratio == 1 ? All : (ulong)(ratio * long.MaxValue), follows, "");
            case "traceidratio":
                return new TraceSampling(All, follows, $"OTEL_TRACES_SAMPLER_ARG={argument}: it is a number from 0 to 1; all traces are recorded");
            default:
                return new TraceSampling(All, true, $"OTEL_TRACES_SAMPLER={name} is not known here; {Otherwise} is used");
        }
    }

    /// <summary>The same for the traces of one job.</summary>
    /// <param name="parent">Its submitter's; null: it has none.</param>
    public ulong BelowFor(TraceParent? parent) => parent is null || !FollowsParent ? Below : parent.IsRecorded ? All : 0;
}
