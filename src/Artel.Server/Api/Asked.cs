using Google.Protobuf.WellKnownTypes;

namespace Artel.Server.Api;

/// <summary>Numbers and times of requests, refused where they are out of range.</summary>
internal static class Asked
{
    // The years 1 to 9999, as the proto of Timestamp has them.
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;

    /// <param name="asked">0: as <paramref name="otherwise"/>.</param>
    /// <exception cref="Grpc.Core.RpcException">It is negative or too large.</exception>
    public static int Number(string field, int asked, int otherwise, int most) => asked switch
    {
        0 => otherwise,
        > 0 when asked <= most => asked,
        _ => throw Refusals.Invalid($"{field} is {asked}: a number from 1 to {most}, or leave it out"),
    };

    /// <exception cref="Grpc.Core.RpcException">It is no time.</exception>
    public static DateTimeOffset? Time(string field, Timestamp? asked)
    {
        if (asked is null)
        {
            return null;
        }

        // Compared as it came: ToDateTimeOffset throws on what is out of range.
        return asked.Seconds is >= FirstSecond and <= LastSecond && asked.Nanos is >= 0 and <= 999_999_999
            ? asked.ToDateTimeOffset()
            : throw Refusals.Invalid($"{field} is no time: the years 1 to 9999, nanoseconds from 0 to 999999999");
    }
}
