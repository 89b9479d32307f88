using Artel.Server.Api;
using Artel.Server.Storage;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Audit;

/// <summary>Answers who did what, a page at a time, the newest first.</summary>
internal sealed class AuditReader(Database database, AuditLog log)
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1000;
    private const int MaxCharacters = 256;

    public async Task<V1.ListAuditReply> ReadAsync(V1.ListAuditRequest request, CancellationToken cancellation)
    {
        if (request.User.Length > MaxCharacters || request.Call.Length > MaxCharacters || request.Outcome.Length > MaxCharacters)
        {
            throw Refusals.Invalid($"user, call and outcome have at most {MaxCharacters} characters");
        }

        var limit = Asked.Number("limit", request.Limit, DefaultPage, MaxPage);
        var query = new AuditQuery(
            request.Before > 0 ? request.Before : long.MaxValue,
            Asked.Time("since", request.Since) is { } since && since > DateTimeOffset.UnixEpoch ? since : DateTimeOffset.UnixEpoch,
            Asked.Time("until", request.Until) ?? DateTimeOffset.MaxValue,
            request.User,
            request.Call,
            request.Outcome,
            limit + 1);
        await log.FlushAsync(cancellation);
        var records = await database.ReadAsync(c => AuditRows.Read(c, query), cancellation);
        var reply = new V1.ListAuditReply { More = records.Count > limit };
        reply.Records.AddRange(records.Take(limit).Select(Write));
        return reply;
    }

    private static V1.AuditRecord Write(AuditRecord record) => new()
    {
        Position = record.Position,
        At = record.At.ToTimestamp(),
        Call = record.Call,
        User = record.User,
        Token = record.Token,
        Address = record.Address,
        Subject = record.Subject,
        Outcome = record.Outcome,
        Detail = record.Detail,
        LeftOut = record.LeftOut,
    };
}
