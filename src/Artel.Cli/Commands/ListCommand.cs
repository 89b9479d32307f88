using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel ls</c></summary>
internal static class ListCommand
{
    private const int DefaultLimit = 30;

    public static Command Create(Surroundings s)
    {
        var filter = new JobFilterOptions(ownByDefault: false);
        var states = StateOptions.Jobs();
        var limit = Amounts.Count("--limit", "Most jobs to show.", 1, 1_000_000, DefaultLimit);
        var all = new Option<bool>("--all", "-a") { Description = "All of them, however many." };
        var before = Amounts.Count("--before", "Only jobs with a smaller number.", 1, long.MaxValue);
        var json = Verb.Json();
        var command = new Verb("ls", "List jobs, the newest first.\n'artel history' lists those that have ended, by the time of their end.")
        {
            Examples = ["artel ls", "artel ls --state running,waiting", "artel ls --user alice --name 'sweep*'", "artel ls --all --json"],
        };
        filter.AddTo(command);
        command.Add(states);
        command.Add(limit);
        command.Add(all);
        command.Add(before);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var wanted = filter.Read(parsed) with { States = StateOptions.JobStates(parsed.GetValue(states)) };
            var session = await s.ConnectAsync(parsed, ct);
            var request = wanted.ToRequest();
            request.Before = parsed.GetValue(before);
            var jobs = new List<Job>();
            var more = false;
            await foreach (var page in JobPages.ReadAsync(session, request, parsed.GetValue(all) ? long.MaxValue : parsed.GetValue(limit), ct))
            {
                jobs.AddRange(page.Jobs);
                more = page.More;
            }

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new JobListJson([.. jobs.Select(j => JobJson.Of(j, inList: true))], more), j => j.JobListJson));
            else
                Print(jobs, more, wanted.ToString(), s);

            return ExitStatus.Done;
        });
        return command;
    }

    private static void Print(List<Job> jobs, bool more, string filter, Surroundings s)
    {
        if (jobs.Count == 0)
        {
            s.Terminal.Note(filter.Length == 0 ? "No jobs. Submit one: artel submit -- echo hello" : $"No job fits {filter}.");
            return;
        }

        var listing = new Listing().Column("job", right: true).Column("name", wrap: true).Column("user").Column("state")
            .Column("done", right: true).Column("tasks", right: true).Column("failed", right: true).Column("submitted").Column("took", right: true);
        var now = s.Clock.GetUtcNow();
        foreach (var job in jobs)
        {
            var counts = job.Counts ?? new TaskCounts();
            listing.Row(
                FormattableString.Invariant($"{job.Id}"),
                job.Name,
                job.User,
                new Cell(StateWords.Of(job.State) + (job.Held ? ", held" : ""), StateWords.Color(job.State)),
                Words.Count(JobText.Ended(counts)),
                Words.Count(counts.Total),
                counts.Failed == 0 ? "" : Words.Count(counts.Failed),
                job.Submitted is null ? "" : Words.Ago(job.Submitted.ToDateTimeOffset(), now),
                JobText.Took(job, now));
        }

        listing.Print(s.Terminal.Out);
        if (more)
            s.Terminal.Note(FormattableString.Invariant($"There are more: artel ls {(filter.Length == 0 ? "" : filter + " ")}--before {jobs[^1].Id}"));
    }
}
