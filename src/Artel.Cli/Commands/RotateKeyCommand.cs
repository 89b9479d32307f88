using System.CommandLine;
using Artel.Cli.Json;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Commands;

/// <summary><c>artel server rotate-key</c></summary>
internal static class RotateKeyCommand
{
    public static Command Create(Surroundings s)
    {
        var overlap = Amounts.Duration("--overlap", "How long the old key stays in use, while nodes and callers learn the new one [7d].");
        var now = new Option<bool>("--now") { Description = "Change at once, for a key that others may have. Only nodes that are connected learn the new one." };
        var json = Verb.Json();
        var command = new Verb(
            "rotate-key",
            "Change the server's key. Connected nodes and everyone who calls until then learn the new one;\n"
            + "a node or a token that was not in touch needs a new token afterwards.")
        {
            Examples = ["artel server rotate-key", "artel server rotate-key --overlap 30d", "artel server rotate-key --now"],
        };
        command.Add(overlap);
        command.Add(now);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var request = new RotateKeyRequest { Now = parsed.GetValue(now) };
            if (parsed.GetValue(overlap) is { } time)
            {
                if (request.Now)
                    throw CommandFailure.WrongUsage("--overlap and --now: give one of them");

                request.Overlap = Duration.FromTimeSpan(time);
            }

            var session = await s.ConnectAsync(parsed, ct);
            var key = await session.Client.RotateKeyAsync(request, session.Question(ct));
            var pins = ServerPins.From(key.Pin, key.NextPin);

            // The answer itself came under the key of before.
            session.Configured.Access.Keeper?.Announced(pins.Next ?? pins.Current);
            if (pins.Next is null)
                session.Configured.Access.Keeper?.Presented(pins.Current);

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(KeyJson.Of(key), j => j.KeyJson, indented: false));

            s.Terminal.Note(key.Switches is { } at
                ? $"The server's key changes at {Words.Moment(at.ToDateTimeOffset())}. Until then, connected nodes and everyone who calls learn the new one."
                : "The server's key has changed. Connected nodes have been notified; tokens, and nodes that are not connected, need a new token.");
            return ExitStatus.Done;
        });
        return command;
    }
}
