using System.CommandLine;
using System.Globalization;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;

namespace Artel.Cli.Commands;

/// <summary><c>artel history</c></summary>
internal static class HistoryCommand
{
    private const int DefaultLimit = 30;

    public static Command Create(Surroundings s)
    {
        var filter = new JobFilterOptions(ownByDefault: false);
        var states = StateOptions.EndedJobs();
        var since = Moments.Create("--since", "Only jobs that ended since then", s.Clock);
        var before = BeforeOption(s.Clock);
        var limit = Amounts.Count("--limit", "Most jobs to show.", 1, 1_000_000, DefaultLimit);
        var json = Verb.Json();
        var command = new Verb("history", "List jobs that have ended, the one that ended last first: how they ended, how long they waited and took.")
        {
            Examples = ["artel history", "artel history --since 24h --state failed", "artel history --since 2026-03-01 --before 2026-04-01 --limit 1000 --json"],
        };
        filter.AddTo(command);
        command.Add(states);
        command.Add(since);
        command.Add(before);
        command.Add(limit);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var (beforeJob, beforeTime) = ReadBefore(parsed.GetValue(before), s.Clock);
            var wanted = filter.Read(parsed) with
            {
                States = StateOptions.JobStates(parsed.GetValue(states)),
                EndedSince = parsed.GetValue(since),
                EndedBefore = beforeTime,
            };
            var session = await s.ConnectAsync(parsed, ct);
            var request = wanted.ToRequest();
            request.ByEnd = true;
            request.Before = beforeJob;
            var jobs = new List<Job>();
            var more = false;
            await foreach (var page in JobPages.ReadAsync(session, request, parsed.GetValue(limit), ct))
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

    private static Option<string?> BeforeOption(TimeProvider clock) => new("--before")
    {
        Description = "Only jobs that ended before this time; or, with the number of a job, those that come after it in this list.",
        HelpName = "TIME|JOB",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (IsJob(text, out _) || Moments.Parse(text, clock) is not null)
                return text;

            result.AddError($"--before: '{text}' is no time and no job: {Moments.Rule}, or the number of a job");
            return null;
        },
    };

    private static (long Job, DateTimeOffset? Time) ReadBefore(string? text, TimeProvider clock) =>
        text is null ? (0, null) : IsJob(text, out var job) ? (job, null) : (0, Moments.Parse(text, clock));

    private static bool IsJob(string text, out long job) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out job) && job > 0;

    private static void Print(List<Job> jobs, bool more, string filter, Surroundings s)
    {
        if (jobs.Count == 0)
        {
            s.Terminal.Note(filter.Length == 0 ? "No job has ended in this time." : $"No job that has ended in this time fits {filter}.");
            return;
        }

        var listing = new Listing().Column("job", right: true).Column("name", wrap: true).Column("user", minor: 2)
            .Column("state").Column("how", wrap: true).Column("tasks", right: true).Column("ended")
            .Column("waited", right: true, minor: 3).Column("took", right: true, minor: 1);
        var now = s.Clock.GetUtcNow();
        foreach (var job in jobs)
        {
            listing.Row(
                FormattableString.Invariant($"{job.Id}"),
                job.Name,
                job.User,
                new Cell(StateWords.Of(job.State), StateColors.Of(job.State)),
                JobText.NotSucceeded(job.Counts),
                Words.Count(job.Counts?.Total ?? 0),
                job.Ended is null ? "" : Words.Ago(job.Ended.ToDateTimeOffset(), now),
                job.Submitted is null || job.Started is null ? "" : Words.Duration(job.Started.ToDateTimeOffset() - job.Submitted.ToDateTimeOffset()),
                JobText.Took(job, now));
        }

        listing.Print(s.Terminal.Out);
        if (more)
            s.Terminal.Note(FormattableString.Invariant($"There are more: artel history {(filter.Length == 0 ? "" : filter + " ")}--before {jobs[^1].Id}"));
    }
}
