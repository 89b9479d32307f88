using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Commands;

/// <summary><c>artel audit</c>: who did what, and what was refused.</summary>
internal static class AuditCommand
{
    private const int Page = 1000;

    public static Command Create(Surroundings s)
    {
        var since = Moments.Create("--since", "Only from then on", s.Clock);
        var until = Moments.Create("--until", "Only before then", s.Clock);
        var user = new Option<string?>("--user") { Description = "Only what this user did.", HelpName = "NAME" };
        var call = new Option<string?>("--call") { Description = "Only this call, such as Cancel or CreateToken.", HelpName = "CALL" };
        var outcome = new Option<string?>("--outcome")
        {
            Description = "Only this outcome: ok, failed, or a status such as permission_denied.",
            HelpName = "OUTCOME",
        };
        var limit = Amounts.Count("--limit", "Most records to show, counted from the newest.", 1, 1_000_000, 100);
        var json = Verb.Json();
        var command = new Verb("audit", "Show who changed what, and what was refused. For admins.")
        {
            Examples = ["artel audit", "artel audit --user ada --since 7d", "artel audit --outcome failed --limit 1000 --json"],
        };
        foreach (var option in new System.CommandLine.Option[] { since, until, user, call, outcome, limit, json })
            command.Add(option);

        command.SetAction(async (parsed, ct) =>
        {
            var request = new ListAuditRequest
            {
                Since = ToTimestamp(parsed.GetValue(since)),
                Until = ToTimestamp(parsed.GetValue(until)),
                User = parsed.GetValue(user) ?? "",
                Call = parsed.GetValue(call) ?? "",
                Outcome = parsed.GetValue(outcome) ?? "",
            };
            var session = await s.ConnectAsync(parsed, ct);
            var (records, more, left) = (new List<AuditRecord>(), true, parsed.GetValue(limit));
            while (more && left > 0)
            {
                request.Limit = (int)Math.Min(left, Page);
                var reply = await session.Client.ListAuditAsync(request, session.Question(ct));
                records.AddRange(reply.Records);
                more = reply.More;
                left -= reply.Records.Count;
                request.Before = records.Count > 0 ? records[^1].Position : 0;
            }

            records.Reverse();
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new AuditJson([.. records.Select(AuditRecordJson.Of)], more), j => j.AuditJson));
            else
                Print(records, more, s.Terminal);

            return ExitStatus.Done;
        });
        return command;
    }

    private static void Print(List<AuditRecord> records, bool more, Terminal terminal)
    {
        if (records.Count == 0)
        {
            terminal.Note("No matching records.");
            return;
        }

        var listing = new Listing().Column("time").Column("user").Column("token", minor: 3).Column("address", minor: 2)
            .Column("call").Column("subject", wrap: true).Column("outcome").Column("detail", wrap: true, minor: 1);
        foreach (var r in records)
        {
            listing.Row(
                Words.Moment(r.At.ToDateTimeOffset()), r.User, r.Token, r.Address, r.Call, r.Subject, r.Outcome,
                r.LeftOut > 0 ? $"{Words.Count(r.LeftOut)} {r.Detail}" : r.Detail);
        }

        listing.Print(terminal.Out);
        if (more)
            terminal.Note("There are older records: show more with --limit.");
    }

    private static Timestamp? ToTimestamp(DateTimeOffset? time) => time is { } given ? Timestamp.FromDateTimeOffset(given) : null;
}
