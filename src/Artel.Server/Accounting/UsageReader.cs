using Artel.Protocol.Maps;
using Artel.Server.Api;
using Artel.Server.Storage;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Accounting;

/// <summary>Answers what was used, by whom and where. Everyone may see the numbers of everyone.</summary>
internal sealed class UsageReader(Database database, TimeProvider time)
{
    private const int DefaultDays = 30;
    private const int DefaultRows = 1000;
    private const int MostRows = 10_000;

    public async Task<V1.GetUsageReply> ReadAsync(V1.GetUsageRequest request, CancellationToken cancellation)
    {
        var by = request.By switch
        {
            V1.UsageKey.Unspecified => UsageKey.User,
            var asked when System.Enum.IsDefined((UsageKey)asked) => (UsageKey)asked,
            var other => throw Refusals.Invalid($"by is {(int)other}: USER (1), TAG (2), NODE (3) or DAY (4)"),
        };
        var last = UsageRows.DayOf(Asked.Time("until", request.Until) ?? time.GetUtcNow());
        var first = Asked.Time("since", request.Since) is { } since ? UsageRows.DayOf(since) : last - (DefaultDays - 1);
        if (first > last)
        {
            throw Refusals.Invalid("since is later than until: there is no day between them");
        }

        if (request.User.Length > JobLimits.MaxNameLength)
        {
            throw Refusals.Invalid($"user has {request.User.Length} characters: at most {JobLimits.MaxNameLength}");
        }

        var query = new UsageQuery(by, first, last, request.User, Asked.Number("limit", request.Limit, DefaultRows, MostRows));
        var answer = await database.ReadAsync(connection => UsageTable.Read(connection, query), cancellation);
        var reply = new V1.GetUsageReply { Total = Write(answer.Total), First = DayAt(first), Last = DayAt(last), RowCount = answer.RowCount };
        reply.Rows.AddRange(answer.Rows.Select(row =>
        {
            var written = Write(row.Sum);
            written.Key = row.Key;
            written.Day = by == UsageKey.Day ? DayAt(row.Day) : null;
            return written;
        }));
        return reply;
    }

    private static Timestamp DayAt(long day) => new() { Seconds = day * (long)TimeSpan.FromDays(1).TotalSeconds };

    private static V1.UsageSum Write(UsageSum sum) => new()
    {
        Tasks = sum.Tasks,
        Attempts = sum.Attempts,
        Failures = sum.Failures,
        Losses = sum.Losses,
        HeldSeconds = sum.HeldSeconds,
        CpuSeconds = sum.CpuSeconds,
        GpuSeconds = sum.GpuSeconds,
        MemoryByteSeconds = sum.MemoryByteSeconds,
        UsedCpuSeconds = sum.UsedCpuSeconds,
    };
}
