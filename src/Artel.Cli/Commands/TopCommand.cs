using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Top;

namespace Artel.Cli.Commands;

/// <summary><c>artel top</c></summary>
internal static class TopCommand
{
    private const int LinesOfSnapshot = 10_000;
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    public static Command Create(Surroundings s)
    {
        var interval = Amounts.Duration("--interval", "How often it looks again, 100ms to 1h [1s].", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        var json = Verb.Json();
        var command = new Verb(
            "top",
            "Watch nodes, jobs and running tasks, live.\n"
            + "Keys: tab the next list, arrows a row of it, s sort, / filter, l the output of a task, c cancel a job or task (it asks), q quit.\n"
            + "Where standard output is no terminal: prints how things are and ends.")
        {
            Examples = ["artel top", "artel top --interval 5s", "artel top --json"],
        };
        command.Add(interval);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            if (s.Terminal.OutputIsTerminal && !parsed.GetValue(json))
            {
                await new TopView(session, s, parsed.GetValue(interval) ?? DefaultInterval).RunAsync(ct);
                return ExitStatus.Done;
            }

            var picture = await new PictureReader(session).ReadAsync(ct);
            if (parsed.GetValue(json))
            {
                var shown = PictureJson.Of(picture, session.Address, s.Clock.GetUtcNow());
                s.Terminal.Print(ArtelJson.Write(shown, j => j.PictureJson));
            }
            else
            {
                var rows = TopRows.Of(picture, new TopState());
                s.Terminal.Out.Write(new TopScreen(s.Clock).Draw(
                    picture, rows, null, session.Address, "", width: 100, LinesOfSnapshot));
            }

            return ExitStatus.Done;
        });
        return command;
    }
}
