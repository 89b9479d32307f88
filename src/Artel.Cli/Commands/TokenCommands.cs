using System.CommandLine;
using System.Globalization;
using Artel.Cli.Access;
using Artel.Cli.Json;
using Artel.Cli.Nodes;
using Artel.Cli.Output;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Commands;

/// <summary><c>artel token …</c></summary>
internal static class TokenCommands
{
    /// <summary>Of --uses: any number.</summary>
    private const int Unlimited = 0;

    private static readonly Dictionary<string, Role> Roles =
        new[] { Role.Viewer, Role.User, Role.Admin, Role.Node }.ToDictionary(StateWords.Of);

    public static Command Create(Surroundings s)
    {
        var command = new Verb("token", "Let people and nodes in: make, list and revoke tokens.");
        command.Add(Make(s));
        command.Add(List(s));
        command.Add(Revoke(s));
        return command;
    }

    private static Verb Make(Surroundings s)
    {
        var words = string.Join(", ", Roles.Keys);
        var role = new Option<Role>("--role")
        {
            Description = $"What it allows: {words}. A token of role node lets a node join.",
            HelpName = "ROLE",
            Required = true,
            CustomParser = result =>
            {
                if (Roles.TryGetValue(result.Tokens[0].Value, out var found))
                    return found;

                result.AddError($"--role: '{result.Tokens[0].Value}' is none of {words}");
                return Role.Unspecified;
            },
        };
        role.CompletionSources.Add([.. Roles.Keys]);
        var name = new Option<string?>("--name") { Description = "The person it is for: jobs submitted with it belong to this name, and tokens with the same name are the same person [one of its own]." };
        var validFor = Amounts.Duration("--valid-for", "How long it is valid, such as 12h or 30d [1h for role node, otherwise 90d].");
        var uses = Uses();
        var id = Amounts.NodeId("--id", "The only node that may join with it. Only for role node [any node].");
        var json = Verb.Json();
        var command = new Verb("create", "Make a token and print it, alone, on standard output. It is shown only this once.")
        {
            Examples =
            [
                "artel token create --role node",
                "artel token create --role node --uses unlimited --valid-for 30d",
                "artel token create --role user --name alice --valid-for 30d",
                "artel token create --role node --id render-07 | ssh render-07 artel node start --id render-07 --join -",
            ],
        };
        command.Add(role);
        command.Add(name);
        command.Add(validFor);
        command.Add(uses);
        command.Add(id);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var request = new CreateTokenRequest
            {
                Role = parsed.GetRequiredValue(role),
                Name = parsed.GetValue(name) ?? "",
                Node = parsed.GetValue(id) ?? "",
            };
            if (request.Role != Role.Node && parsed.GetResult(uses) is not null)
                throw CommandFailure.WrongUsage("--uses is only for --role node: other tokens can be used any number of times");

            if (request.Role != Role.Node && request.Node.Length > 0)
                throw CommandFailure.WrongUsage("--id is only for --role node: other tokens are not for nodes");

            if (parsed.GetValue(uses) is { } most)
                (request.Uses, request.Unlimited) = most == Unlimited ? (0, true) : (most, false);

            if (request.Unlimited)
                request.ClearUses();

            if (request.Unlimited && request.Node.Length > 0)
                throw CommandFailure.WrongUsage("--uses unlimited and --id: a token for one node has a number of uses");

            if (parsed.GetValue(validFor) is { } time)
                request.ValidFor = Duration.FromTimeSpan(time);

            var session = await s.ConnectAsync(parsed, ct);
            var reply = await session.Client.CreateTokenAsync(request, session.Question(ct));
            var token = reply.Token ?? new Token { Role = request.Role };
            s.Terminal.PrintCreated(
                parsed.GetValue(json)
                    ? ArtelJson.Write(new CreatedTokenJson(reply.Ticket, TokenJson.Of(token)), j => j.CreatedTokenJson)
                    : reply.Ticket,
                $"token {token.Id} is valid (to revoke it: artel token revoke {token.Id})");
            var until = token.Expires is null ? "" : $", until {Words.Moment(token.Expires.ToDateTimeOffset())}";
            s.Terminal.Note(request.Role == Role.Node
                ? $"Lets {WhoMayJoin(token)} join{until}: artel node start --id {(token.Node.Length > 0 ? token.Node : "NAME")} --join TOKEN"
                : $"For ARTEL_TOKEN of a {StateWords.Of(request.Role)}{until}.");
            if (request.Role != Role.Node)
                await WarnOfSharedNodesAsync(s, session, ct);

            return ExitStatus.Done;
        });
        return command;
    }

    private static string WhoMayJoin(Token token) =>
        token.Node.Length > 0 ? $"node {token.Node}"
        : !token.HasUsesLeft ? "any number of nodes"
        : token.UsesLeft == 1 ? "one node" : $"{Words.Count(token.UsesLeft)} nodes";

    private static Option<int?> Uses() => new("--uses")
    {
        Description = "How many nodes may join with it, or 'unlimited'. Only for role node [1].",
        HelpName = "N",
        CustomParser = result =>
        {
            const int most = 1_000_000;
            var text = result.Tokens[^1].Value;
            if (text == "unlimited")
                return Unlimited;

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= most)
                return number;

            result.AddError($"--uses: '{text}' must be a whole number from 1 to {most}, or 'unlimited'");
            return null;
        },
    };

    private static async Task WarnOfSharedNodesAsync(Surroundings s, ClusterSession session, CancellationToken ct)
    {
        var tokens = await session.Client.ListTokensAsync(new ListTokensRequest(), session.Question(ct));
        var nodes = await session.Client.ListNodesAsync(new ListNodesRequest(), session.Question(ct));
        if (SharedNodes.Warning(SharedNodes.People(tokens.Tokens, s.Clock.GetUtcNow()), nodes.Nodes) is { } warning)
            s.Terminal.Warn(warning);
    }

    private static Verb List(Surroundings s)
    {
        var json = Verb.Json();
        var command = new Verb("ls", "List tokens. The tokens themselves are kept nowhere.");
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var tokens = (await session.Client.ListTokensAsync(new ListTokensRequest(), session.Question(ct))).Tokens;
            if (parsed.GetValue(json))
            {
                s.Terminal.Print(ArtelJson.Write(new TokenListJson([.. tokens.Select(TokenJson.Of)]), j => j.TokenListJson));
                return ExitStatus.Done;
            }

            var listing = new Listing().Column("id").Column("role").Column("name").Column("created", minor: 2)
                .Column("expires", minor: 1).Column("uses left", right: true, minor: 3).Column("for node").Column("");
            var now = s.Clock.GetUtcNow();
            foreach (var token in tokens)
            {
                var expired = token.Expires is not null && token.Expires.ToDateTimeOffset() < now;
                listing.Row(
                    token.Id,
                    StateWords.Of(token.Role),
                    token.Name,
                    token.Created is null ? "" : Words.Moment(token.Created.ToDateTimeOffset()),
                    token.Expires is null ? "never" : Words.Moment(token.Expires.ToDateTimeOffset()),
                    token.HasUsesLeft ? Words.Count(token.UsesLeft) : token.Role == Role.Node ? "unlimited" : "",
                    token.Node,
                    token.Revoked ? "revoked" : expired ? "expired" : token is { HasUsesLeft: true, UsesLeft: 0 } ? "exhausted" : "");
            }

            listing.Print(s.Terminal.Out);
            return ExitStatus.Done;
        });
        return command;
    }

    private static Verb Revoke(Surroundings s)
    {
        var id = new Argument<string>("ID") { Description = "Id of the token, as 'artel token ls' shows it." };
        var json = Verb.Json();
        var force = new Option<bool>("--force") { Description = "Revoke it even if no other admin token is valid for 24 hours or more." };
        var command = new Verb(
            "revoke", "Revoke a token immediately. Streams and pages opened with it end. A node that joined with it stays: see 'artel node forget'.");
        command.Add(id);
        command.Add(force);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var token = parsed.GetRequiredValue(id);
            await session.Client.RevokeTokenAsync(new RevokeTokenRequest { Id = token, Force = parsed.GetValue(force) }, session.Question(ct));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new RevokedTokenJson(token), j => j.RevokedTokenJson, indented: false));

            s.Terminal.Note($"Token {token} is revoked.");
            return ExitStatus.Done;
        });
        return command;
    }
}
