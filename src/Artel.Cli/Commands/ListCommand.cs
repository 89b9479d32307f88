using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel ls</c></summary>
internal static class ListCommand
{
    private const int DefaultLimit = 30;

    public static Command Create(Surroundings s)
    {
        var states = StateOptions.Jobs();
        var limit = Amounts.Count("--limit", "Most jobs to show.", 1, 1_000_000, DefaultLimit);
        var before = Amounts.Count("--before", "Only jobs with a smaller number.", 1, long.MaxValue);
        var json = Verb.Json();
        var command = new Verb("ls", "List jobs, the newest first.")
        {
            Examples = ["artel ls", "artel ls --state running", "artel ls --json --limit 1000"],
        };
        command.Add(states);
        command.Add(limit);
        command.Add(before);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var request = new ListJobsRequest { Before = parsed.GetValue(before) };
            request.States.AddRange(parsed.GetValue(states) ?? []);
            var left = parsed.GetValue(limit);
            var jobs = new List<Job>();
            bool more;
            do
            {
                request.Limit = (int)Math.Min(left - jobs.Count, 1000);
                var page = await session.Client.ListJobsAsync(request, session.Question(ct));
                jobs.AddRange(page.Jobs);
                more = page.More && page.Jobs.Count > 0;
                request.Before = jobs.Count > 0 ? jobs[^1].Id : 0;
            }
            while (more && jobs.Count < left);

            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new JobListJson([.. jobs.Select(j => JobJson.Of(j, inList: true))], more), j => j.JobListJson));
            else
                Print(jobs, more, s);

            return ExitStatus.Done;
        });
        return command;
    }

    private static void Print(List<Job> jobs, bool more, Surroundings s)
    {
        if (jobs.Count == 0)
        {
            s.Terminal.Note("No jobs. Submit one: artel submit -- echo hello");
            return;
        }

        var listing = new Listing().Column("job", right: true).Column("name", wrap: true).Column("user").Column("state")
            .Column("done", right: true).Column("tasks", right: true).Column("failed", right: true).Column("submitted").Column("took", right: true);
        var now = s.Clock.GetUtcNow();
        foreach (var job in jobs)
        {
            var counts = job.Counts ?? new TaskCounts();
            var ended = counts.Succeeded + counts.Failed + counts.Skipped + counts.Cancelled;
            listing.Row(
                FormattableString.Invariant($"{job.Id}"),
                job.Name,
                job.User,
                new Cell(StateWords.Of(job.State) + (job.Held ? ", held" : ""), StateWords.Color(job.State)),
                Words.Count(ended),
                Words.Count(counts.Total),
                counts.Failed == 0 ? "" : Words.Count(counts.Failed),
                job.Submitted is null ? "" : Words.Ago(job.Submitted.ToDateTimeOffset(), now),
                JobText.Took(job, now));
        }

        listing.Print(s.Terminal.Out);
        if (more)
            s.Terminal.Note(FormattableString.Invariant($"There are more: artel ls --before {jobs[^1].Id}"));
    }
}
