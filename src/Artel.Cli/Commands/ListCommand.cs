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
    private const int LongestName = 60;

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
            var pages = JobPages.ReadAsync(session, request, parsed.GetValue(all) ? long.MaxValue : parsed.GetValue(limit), ct);
            if (parsed.GetValue(json))
                await PrintJsonAsync(pages, s);
            else
                await PrintAsync(pages, wanted.ToString(), s);

            return ExitStatus.Done;
        });
        return command;
    }

    private static async Task PrintJsonAsync(IAsyncEnumerable<(IReadOnlyList<Job> Jobs, bool More)> pages, Surroundings s)
    {
        var jobs = new List<JobJson>();
        var more = false;
        await foreach (var page in pages)
        {
            jobs.AddRange(page.Jobs.Select(j => JobJson.Of(j, inList: true, s.Clock.GetUtcNow())));
            more = page.More;
        }

        s.Terminal.Print(ArtelJson.Write(new JobListJson(jobs, more), j => j.JobListJson));
    }

    private static async Task PrintAsync(IAsyncEnumerable<(IReadOnlyList<Job> Jobs, bool More)> pages, string filter, Surroundings s)
    {
        var listing = new Listing().Column("job", right: true).Column("name", wrap: true).Column("user", minor: 2)
            .Column("state").Column("done", right: true).Column("tasks", right: true).Column("failed", right: true)
            .Column("submitted", minor: 3).Column("took", right: true, minor: 1).Column("reason", wrap: true);
        long? last = null;
        var (more, streams) = (false, false);
        await foreach (var page in pages)
        {
            foreach (var job in page.Jobs)
                AddRow(listing, job, s.Clock.GetUtcNow());

            (last, more) = (page.Jobs.Count > 0 ? page.Jobs[^1].Id : last, page.More);
            // A list of many pages is shown as it comes.
            streams |= page.More && page.Jobs.Count >= JobPages.FirstPage;
            if (streams)
                listing.PrintMore(s.Terminal.Out);
        }

        if (streams)
            listing.PrintMore(s.Terminal.Out);
        else if (last is not null)
            listing.Print(s.Terminal.Out);
        else
            s.Terminal.Note(filter.Length == 0 ? "No jobs. Submit one: artel submit -- echo hello" : $"No job fits {filter}.");

        if (more)
            s.Terminal.Note(FormattableString.Invariant($"There are more: artel ls {(filter.Length == 0 ? "" : filter + " ")}--before {last}"));
    }

    private static void AddRow(Listing listing, Job job, DateTimeOffset now)
    {
        var counts = job.Counts ?? new TaskCounts();
        listing.Row(
            FormattableString.Invariant($"{job.Id}"),
            Words.Cut(job.Name, LongestName),
            job.User,
            new Cell(StateWords.Of(job.State) + (JobText.IsHeld(job) ? ", held" : ""), StateColors.Of(job.State)),
            Words.Count(JobText.Ended(counts)),
            Words.Count(counts.Total),
            counts.Failed == 0 ? "" : Words.Count(counts.Failed),
            job.Submitted is null ? "" : Words.Ago(job.Submitted.ToDateTimeOffset(), now),
            JobText.Took(job, now),
            JobText.HasEnded(job.State) || job.Reason is null ? "" : ReasonText.Brief(job.Reason, now));
    }
}
