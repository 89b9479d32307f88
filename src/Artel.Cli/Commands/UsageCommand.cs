using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Commands;

/// <summary><c>artel usage</c>: what ended attempts used, by user, tag, node or day.</summary>
internal static class UsageCommand
{
    private static readonly Dictionary<string, UsageKey> Keys = new(StringComparer.Ordinal)
    {
        ["user"] = UsageKey.User,
        ["tag"] = UsageKey.Tag,
        ["node"] = UsageKey.Node,
        ["day"] = UsageKey.Day,
    };

    public static Command Create(Surroundings s)
    {
        var by = ByOption();
        var since = Moments.Create("--since", "From this day on; days are UTC days [the last 30 days]", s.Clock);
        var until = Moments.Create("--until", "Up to this day, all of it", s.Clock);
        var user = new Option<string?>("--user") { Description = "Only what this user's tasks used.", HelpName = "NAME" };
        var limit = Amounts.Count("--limit", "Most rows to show.", 1, 10_000, 1000);
        var json = Verb.Json();
        var command = new Verb("usage", "Show what finished attempts used: cpu, gpu and memory hours, tasks and failures.")
        {
            Examples =
            [
                "artel usage", "artel usage --by tag --since 7d", "artel usage --by day --user ada --since 2026-03-01 --until 2026-03-31",
                "artel usage --by node --json",
            ],
        };
        command.Add(by);
        command.Add(since);
        command.Add(until);
        command.Add(user);
        command.Add(limit);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var request = new GetUsageRequest
            {
                By = Keys[parsed.GetRequiredValue(by)],
                Since = ToTimestamp(parsed.GetValue(since)),
                Until = ToTimestamp(parsed.GetValue(until)),
                User = parsed.GetValue(user) ?? "",
                Limit = (int)parsed.GetValue(limit),
            };
            var session = await s.ConnectAsync(parsed, ct);
            var reply = await session.Client.GetUsageAsync(request, session.Question(ct));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(UsageJson.Of(parsed.GetRequiredValue(by), reply), j => j.UsageJson));
            else
                UsagePage.Print(reply, request.By, s.Terminal);

            return ExitStatus.Done;
        });
        return command;
    }

    private static Option<string> ByOption() => new("--by")
    {
        Description = "What to sum by: user, tag, node or day. [user]",
        HelpName = "KEY",
        DefaultValueFactory = _ => "user",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (!Keys.ContainsKey(text))
                result.AddError($"--by: '{text}' must be user, tag, node or day");

            return text;
        },
    };

    private static Timestamp? ToTimestamp(DateTimeOffset? time) => time is { } given ? Timestamp.FromDateTimeOffset(given) : null;
}
