using Artel.Protocol.Maps;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Server.Api;

/// <summary>
/// The fields of requests, parsed: what is out of range is refused here with one line, so that nothing past it can throw. Conversions of
/// the framework (<c>ToDateTimeOffset</c>, <c>ToTimeSpan</c>) throw on what a caller may send; requests go through these instead.
/// </summary>
internal static class Asked
{
    // The years 1 to 9999, as the proto of Timestamp has them.
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;
    private const int LastNano = 999_999_999;

    /// <param name="asked">0: as <paramref name="otherwise"/>.</param>
    /// <exception cref="Grpc.Core.RpcException">It is negative or too large.</exception>
    public static int Number(string field, int asked, int otherwise, int most) => asked switch
    {
        0 => otherwise,
        > 0 when asked <= most => asked,
        _ => throw Refusals.Invalid($"{field} is {asked}: a number from 1 to {most}, or leave it out"),
    };

    /// <exception cref="Grpc.Core.RpcException">It is not a time.</exception>
    public static DateTimeOffset? Time(string field, Timestamp? asked)
    {
        if (asked is null)
        {
            return null;
        }

        return IsTime(asked)
            ? asked.ToDateTimeOffset()
            : throw Refusals.Invalid($"{field} is not a time: the years 1 to 9999, nanoseconds from 0 to {LastNano}");
    }

    /// <summary>True if <c>ToDateTimeOffset</c> gives it.</summary>
    public static bool IsTime(Timestamp time) => time.Seconds is >= FirstSecond and <= LastSecond && time.Nanos is >= 0 and <= LastNano;

    /// <summary>A duration from 0 to the longest in a job.</summary>
    /// <exception cref="Grpc.Core.RpcException">It is negative, too long, or not a duration.</exception>
    public static TimeSpan? Span(string field, Duration? asked)
    {
        if (asked is null)
        {
            return null;
        }

        return asked.Seconds >= 0 && asked.Seconds <= (long)JobLimits.MaxDuration.TotalSeconds && asked.Nanos is >= 0 and <= LastNano
            ? asked.ToTimeSpan()
            : throw Refusals.Invalid($"{field} is out of range: a duration from 0, at most {Durations.Format(JobLimits.MaxDuration)}");
    }

    /// <summary>Values of an enumeration, each once. One that this server does not know must not count as none at all.</summary>
    /// <exception cref="Grpc.Core.RpcException">One of them is unknown or unspecified.</exception>
    public static T[] Each<T>(string field, IEnumerable<T> asked)
        where T : struct, System.Enum
    {
        var all = asked.Distinct().ToArray();
        return all.All(a => System.Enum.IsDefined(a) && !a.Equals(default(T)))
            ? all
            : throw Refusals.Invalid($"{field} has a value that this server does not know: one of {Names<T>()}");
    }

    /// <exception cref="Grpc.Core.RpcException">It is too long.</exception>
    public static string Text(string field, string asked, int most) => asked.Length <= most
        ? asked
        : throw Refusals.Invalid($"{field} has {asked.Length} characters: at most {most}");

    private static string Names<T>()
        where T : struct, System.Enum =>
        string.Join(", ", System.Enum.GetValues<T>().Where(v => !v.Equals(default(T))).Select(v => v.ToString().ToLowerInvariant()));
}
