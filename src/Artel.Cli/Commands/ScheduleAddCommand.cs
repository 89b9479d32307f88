using System.CommandLine;
using System.CommandLine.Parsing;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Submitting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel schedule add</c></summary>
internal static class ScheduleAddCommand
{
    public static Command Create(Surroundings s)
    {
        var name = ScheduleCommands.Name();
        var cron = new Option<string>("--cron")
        {
            Description = "When: minute hour day month weekday, such as '0 3 * * 1-5'; with seconds first; @daily and the like; or 'every 10m'.",
            HelpName = "WHEN",
            Required = true,
        };
        var zone = new Option<string?>("--tz") { Description = "Time zone of the cron, such as Europe/Prague [UTC].", HelpName = "ZONE" };
        var overlap = Choices.Of(
            "--overlap", "While an earlier job of it has not ended: skip (make none), after (wait for it), allow, replace (cancel it first) [skip].",
            ScheduleWords.Overlaps);
        var missed = Choices.Of("--missed", "For times that passed while the server did not run: run (one job for all), skip [run].", ScheduleWords.Misseds);
        var options = new JobOptions(withHold: false, comesAgain: true);
        var onEnd = new OnEndOptions();
        var json = Verb.Json();
        var command = new Verb("add", "Submit a map or a command at certain times, as you, until the schedule is removed.\nThe map is read now; to change it, remove the schedule and add it again.")
        {
            Usages = [.. JobOptions.Usages.Select(u => $"NAME --cron WHEN {u}")],
            Examples =
            [
                "artel schedule add nightly --cron '0 3 * * 1-5' --tz Europe/Prague report.yaml",
                "artel schedule add sync --cron 'every 10m' --overlap skip -- rsync -a src/ backup/",
                "artel schedule add tidy --cron @daily --on-end './notify.sh {job}' --on-end-when failure -- ./tidy.sh",
            ],
        };
        command.Add(name);
        options.AddTo(command);
        command.Add(cron);
        command.Add(zone);
        command.Add(overlap);
        command.Add(missed);
        onEnd.AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            CheckName(parsed, options);
            var requested = await options.ReadAsync(parsed, s, ct);
            if (requested.MapFile is null && parsed.GetValue(options.Name) is null)
            {
                // Jobs of a command are better found by their schedule's name, which the server gives them, than by the program's.
                requested.Job.Name = "";
            }

            onEnd.Apply(parsed, requested.Job, OwnProcess.CurrentFolder());
            if (options.IsOnlyPrinted(parsed, requested.Job, s.Terminal))
                return ExitStatus.Done;

            var session = await s.ConnectAsync(parsed, ct);
            var request = new AddScheduleRequest
            {
                Name = parsed.GetRequiredValue(name),
                Cron = parsed.GetRequiredValue(cron),
                TimeZone = parsed.GetValue(zone) ?? "",
                Overlap = parsed.GetValue(overlap),
                Missed = parsed.GetValue(missed),
                Job = requested.Job,
            };
            var schedule = await session.Client.AddScheduleAsync(request, session.Question(ct));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(ScheduleJson.Of(schedule), j => j.ScheduleJson));

            s.Terminal.Note($"Schedule {schedule.Name}: next at {string.Join(", ", schedule.Next.Take(5).Select(t => Words.Moment(t.ToDateTimeOffset())))}.");
            return ExitStatus.Done;
        });
        return command;
    }

    /// <summary>Without a name, the first word of the command would be taken for one.</summary>
    private static void CheckName(ParseResult parsed, JobOptions options)
    {
        var words = parsed.GetValue(options.Words)?.Length ?? 0;
        var afterDashes = parsed.Tokens.Reverse().TakeWhile(t => t.Type != TokenType.DoubleDash).Count();
        if (parsed.Tokens.Any(t => t.Type == TokenType.DoubleDash) && afterDashes > words)
            throw CommandFailure.WrongUsage("give the schedule a name before '--': artel schedule add NAME --cron WHEN -- CMD ARG…");
    }
}
