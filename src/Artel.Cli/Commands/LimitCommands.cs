using System.CommandLine;
using System.Globalization;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel limit …</c>: how many tasks with a tag run at once in the whole cluster.</summary>
internal static class LimitCommands
{
    public static Command Create(Surroundings s)
    {
        var command = new Verb("limit", "Say how many tasks with a tag run at the same time, over all jobs and nodes.");
        command.Add(Set(s));
        command.Add(List(s));
        command.Add(Remove(s));
        return command;
    }

    private static Verb Set(Surroundings s)
    {
        var limits = new Argument<KeyValuePair<string, int>[]>("TAG=N")
        {
            Description = "At most N tasks with the tag at once; 0 starts none.",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
            {
                var read = new List<KeyValuePair<string, int>>();
                foreach (var token in result.Tokens)
                {
                    var at = token.Value.LastIndexOf('=');
                    if (at > 0 && int.TryParse(token.Value.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var most))
                        read.Add(new(token.Value[..at], most));
                    else
                        result.AddError($"'{token.Value}' is no limit: write a tag and a whole number from 0, like db=4");
                }

                return [.. read];
            },
        };
        var json = Verb.Json();
        var command = new Verb("set", "Set limits. What runs goes on; no more starts while there are too many.")
        {
            Examples = ["artel limit set db=4", "artel limit set db=4 licences=10"],
        };
        command.Add(limits);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var set = new List<Limit>();
            foreach (var (tag, most) in parsed.GetRequiredValue(limits))
                set.Add(await session.Client.SetLimitAsync(new SetLimitRequest { Tag = tag, Most = most }, session.Question(ct)));

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(LimitListJson.Of(set), j => j.LimitListJson));

            foreach (var limit in set)
                s.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"At most {limit.Most} tasks with the tag {limit.Tag} at once, {limit.Used} now."));

            return ExitStatus.Done;
        });
        return command;
    }

    private static Verb List(Surroundings s)
    {
        var json = Verb.Json();
        var command = new Verb("ls", "List the limits and how much of each is used.");
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var limits = (await session.Client.ListLimitsAsync(new ListLimitsRequest(), session.Question(ct))).Limits;
            if (parsed.GetValue(json))
            {
                s.Terminal.Print(ArtelJson.Write(LimitListJson.Of(limits), j => j.LimitListJson));
                return ExitStatus.Done;
            }

            if (limits.Count == 0)
            {
                s.Terminal.Note("There are no limits: 'artel limit set TAG=N' sets one, and tasks submitted with --tag TAG keep to it.");
                return ExitStatus.Done;
            }

            var listing = new Listing().Column("tag").Column("used", right: true).Column("most", right: true);
            foreach (var limit in limits)
                listing.Row(limit.Tag, Words.Count(limit.Used), Words.Count(limit.Most));

            listing.Print(s.Terminal.Out);
            return ExitStatus.Done;
        });
        return command;
    }

    private static Verb Remove(Surroundings s)
    {
        var tags = new Argument<string[]>("TAG") { Description = "Tags that are to have no limit any more.", Arity = ArgumentArity.OneOrMore };
        var json = Verb.Json();
        var command = new Verb("rm", "Take limits away.") { Examples = ["artel limit rm db"] };
        command.Add(tags);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var left = parsed.GetRequiredValue(tags);
            foreach (var tag in left)
            {
                await session.Client.SetLimitAsync(new SetLimitRequest { Tag = tag }, session.Question(ct));
                s.Terminal.Note($"The tag {tag} has no limit.");
            }

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(LimitListJson.Of((await session.Client.ListLimitsAsync(new ListLimitsRequest(), session.Question(ct))).Limits), j => j.LimitListJson));

            return ExitStatus.Done;
        });
        return command;
    }
}
