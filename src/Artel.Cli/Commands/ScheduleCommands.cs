using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary><c>artel schedule …</c></summary>
internal static class ScheduleCommands
{
    private delegate AsyncUnaryCall<Schedule> Act(Cluster.ClusterClient client, ScheduleName name, CallOptions options);

    public static Command Create(Surroundings s)
    {
        var command = new Verb("schedule", "Submit jobs again and again, at times: add, list, pause and remove schedules.");
        command.Add(ScheduleAddCommand.Create(s));
        command.Add(List(s));
        command.Add(OfOne(
            s, "show", "Show a schedule, its next times and what the last ones led to. Times are in the zone of this machine.",
            (client, name, options) => client.GetScheduleAsync(name, options), null));
        command.Add(OfOne(
            s, "pause", "Make no jobs until 'artel schedule resume'. What runs goes on.",
            (client, name, options) => client.PauseScheduleAsync(name, options), "is paused"));
        command.Add(OfOne(
            s, "resume", "Go on with a paused schedule from now. Times that passed are not made up for.",
            (client, name, options) => client.ResumeScheduleAsync(name, options), "goes on"));
        command.Add(Run(s));
        command.Add(Remove(s));
        return command;
    }

    /// <summary>The schedule that a command is about.</summary>
    public static Argument<string> Name() => new("NAME") { Description = "Name of the schedule." };

    public static void PrintFacts(Schedule schedule, Terminal terminal)
    {
        new Facts()
            .Add("schedule", schedule.Name + (schedule.Paused ? " (paused)" : ""))
            .Add("cron", $"{schedule.Cron} ({schedule.TimeZone})")
            .Add("problem", schedule.Problem)
            .Add("overlap", ScheduleWords.Of(schedule.Overlap))
            .Add("missed", ScheduleWords.Of(schedule.Missed))
            .Add("user", schedule.User)
            .Add("job", $"{schedule.JobName}: {Words.Tasks(schedule.TaskCount)}")
            .Add("next", string.Join(", ", schedule.Next.Select(t => Words.Moment(t.ToDateTimeOffset()))))
            .Print(terminal.Out);
        if (schedule.Runs.Count == 0)
            return;

        terminal.Print("");
        var listing = new Listing().Column("for").Column("led to", wrap: true);
        foreach (var run in schedule.Runs)
            listing.Row(run.At is null ? "" : Words.Moment(run.At.ToDateTimeOffset()), ScheduleWords.Of(run));

        listing.Print(terminal.Out);
    }

    private static Verb List(Surroundings s)
    {
        var json = Verb.Json();
        var command = new Verb("ls", "List schedules.");
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var schedules = (await session.Client.ListSchedulesAsync(new ListSchedulesRequest(), session.Question(ct))).Schedules;
            if (parsed.GetValue(json))
            {
                s.Terminal.Print(ArtelJson.Write(new ScheduleListJson([.. schedules.Select(ScheduleJson.Of)]), j => j.ScheduleListJson));
                return ExitStatus.Done;
            }

            var listing = new Listing().Column("name").Column("cron", wrap: true).Column("zone", minor: 2)
                .Column("user", minor: 1).Column("next").Column("last", wrap: true);
            foreach (var schedule in schedules)
            {
                listing.Row(
                    schedule.Name,
                    schedule.Cron,
                    schedule.TimeZone,
                    schedule.User,
                    schedule.Paused ? "paused" : schedule.Next.Count > 0 ? Words.Moment(schedule.Next[0].ToDateTimeOffset()) : "never",
                    schedule.Runs.Count > 0 ? ScheduleWords.Of(schedule.Runs[0]) : "");
            }

            listing.Print(s.Terminal.Out);
            return ExitStatus.Done;
        });
        return command;
    }

    /// <param name="said">What is told when it is done; null: the schedule is shown.</param>
    private static Verb OfOne(Surroundings s, string verb, string description, Act act, string? said)
    {
        var name = Name();
        var json = Verb.Json();
        var command = new Verb(verb, description) { Examples = [$"artel schedule {verb} nightly"] };
        command.Add(name);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var schedule = await act(session.Client, new ScheduleName { Name = parsed.GetRequiredValue(name) }, session.Question(ct));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(ScheduleJson.Of(schedule), j => j.ScheduleJson));
            else if (said is null)
                PrintFacts(schedule, s.Terminal);

            if (said is not null)
                s.Terminal.Note($"Schedule {schedule.Name} {said}.");

            return ExitStatus.Done;
        });
        return command;
    }

    private static Verb Run(Surroundings s)
    {
        var name = Name();
        var json = Verb.Json();
        var command = new Verb("run", "Submit the job of a schedule now, besides its times, and print the job's number.")
        {
            Examples = ["artel logs -f $(artel schedule run nightly)"],
        };
        command.Add(name);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var request = new RunScheduleRequest { Name = parsed.GetRequiredValue(name), RequestId = Guid.NewGuid().ToString("N") };
            var reply = await session.Client.RunScheduleAsync(request, session.Question(ct));
            foreach (var warning in reply.Warnings)
                s.Terminal.Warn(warning);

            s.Terminal.Print(parsed.GetValue(json)
                ? ArtelJson.Write(new SubmittedJson(reply.Job, reply.TaskCount, [.. reply.Warnings]), j => j.SubmittedJson, indented: false)
                : FormattableString.Invariant($"{reply.Job}"));
            return ExitStatus.Done;
        });
        return command;
    }

    private static Verb Remove(Surroundings s)
    {
        var name = Name();
        var json = Verb.Json();
        var command = new Verb("rm", "Remove a schedule. Its jobs stay, and what runs goes on.") { Examples = ["artel schedule rm nightly"] };
        command.Add(name);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var schedule = parsed.GetRequiredValue(name);
            await session.Client.RemoveScheduleAsync(new ScheduleName { Name = schedule }, session.Question(ct));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new RemovedScheduleJson(schedule), j => j.RemovedScheduleJson, indented: false));

            s.Terminal.Note($"Schedule {schedule} is removed.");
            return ExitStatus.Done;
        });
        return command;
    }
}
