using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel stats</c></summary>
internal static class StatsCommand
{
    public static Command Create(Surroundings s)
    {
        var which = JobSelection.OneJob(s);
        var json = Verb.Json();
        var command = new Verb(
            "stats",
            "Show how long the tasks of a job took and waited, what memory and cpu they used, on which nodes, and which were slowest.\n"
            + "Over all attempts that have ended. p90: nine of ten took at most this.")
        {
            Examples = ["artel stats 12", "artel stats last --json"],
        };
        which.AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var choice = which.Read(parsed);
            var session = await s.ConnectAsync(parsed, ct);
            var selected = await choice.FindOneAsync(session, s, ct);
            var stats = await session.Client.GetJobStatsAsync(new GetJobRequest { Job = selected.Job }, session.Question(ct));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(StatsJson.Of(stats), j => j.StatsJson));
            else
                StatsPage.Print(stats, s.Terminal, s.Clock.GetUtcNow());

            return ExitStatus.Done;
        });
        return command;
    }
}
