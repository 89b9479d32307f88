using System.Globalization;
using Artel.Dashboard.Cluster;
using Artel.Dashboard.Parts;
using Artel.Protocol.Text;
using Artel.Protocol.V1;
using MudBlazor;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>Does to one or more jobs what a visitor wants done: asks where something is lost by it, does it to each, and says what came of it.</summary>
internal sealed class BulkActions(ClusterSession session, IDialogService dialogs, ISnackbar messages)
{
    /// <summary>Null where it was not done after all.</summary>
    /// <param name="jobs">Those it is for; what the cluster refuses is among the failures.</param>
    public async Task<BulkOutcome?> DoAsync(JobVerb verb, IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        var priority = 0;
        if (verb == JobVerb.Cancel ? !await IsSureAsync(jobs) : jobs.Count > 1 && Whose(jobs) is { Length: > 0 } whose && !await IsSureAsync(verb, whose))
        {
            return null;
        }

        if (verb == JobVerb.SetPriority)
        {
            if (await PriorityAsync(jobs) is not { } chosen)
            {
                return null;
            }

            priority = chosen;
        }

        var outcome = await BulkOutcome.OfAsync([.. jobs.Select(j => j.Id)], (job, ct) => ActAsync(verb, job, priority, ct), cancellation);
        if (outcome.Done > 0)
        {
            messages.Add(JobVerbs.Said(verb, outcome.Done), Severity.Success);
        }

        return outcome;
    }

    /// <summary>Why there was nothing to do, where the cluster has taken it without having anything to do; null where it was done.</summary>
    private async Task<string?> ActAsync(JobVerb verb, long job, int priority, CancellationToken cancellation)
    {
        var (client, question) = (session.Client, session.Question(cancellation));
        switch (verb)
        {
            case JobVerb.Cancel:
                return (await client.CancelAsync(new JobAction { Job = job }, question)).Tasks == 0 ? "has nothing left to cancel" : null;
            case JobVerb.RetryFailed:
                return (await client.RetryAsync(new JobAction { Job = job, FailedOnly = true }, question)).Tasks == 0 ? "has no failed tasks" : null;
            case JobVerb.RetryCancelled:
                return (await client.RetryAsync(new JobAction { Job = job }, question)).Tasks == 0 ? "has no cancelled tasks" : null;
            case JobVerb.Hold:
                return WhyNot(await client.HoldAsync(new JobAction { Job = job }, question));
            case JobVerb.Release:
                return WhyNot(await client.ReleaseAsync(new JobAction { Job = job }, question));
            default:
                await client.SetJobAsync(new SetJobRequest { Job = job, Priority = priority }, question);
                return null;
        }
    }

    private static string? WhyNot(JobActionReply reply) => JobText.HasEnded(reply.Job.State) ? $"has ended ({StateWords.Of(reply.Job.State)})" : null;

    private async Task<bool> IsSureAsync(IReadOnlyList<Job> jobs)
    {
        var open = jobs.Sum(j => (long)(j.Counts?.Total ?? 0) - JobText.Ended(j.Counts));
        return await AskDialog.AskAsync(
            dialogs, $"Cancel {Named(jobs)}?", $"{Words.Tasks(open)} {(open == 1 ? "has" : "have")} not ended. What waits never starts, what runs is ended. {Whose(jobs)}".TrimEnd(),
            $"Cancel {Words.Count(jobs.Count, "job", "jobs")}");
    }

    private async Task<bool> IsSureAsync(JobVerb verb, string whose) =>
        await AskDialog.AskAsync(dialogs, $"{JobVerbs.Label(verb)}?", whose, JobVerbs.Label(verb), "Cancel");

    /// <summary><c>3 of these 10 jobs belong to alice and bob.</c> Empty if all are the visitor's.</summary>
    private string Whose(IReadOnlyList<Job> jobs)
    {
        var others = jobs.Where(j => j.User != session.Visitor.Name).ToList();
        var names = others.Select(j => j.User).Distinct().Order(StringComparer.Ordinal).ToList();
        return others.Count == 0 ? ""
            : $"{Words.Count(others.Count)} of {(jobs.Count == 1 ? "1 job" : $"these {Words.Count(jobs.Count)} jobs")} {(others.Count == 1 ? "belongs" : "belong")} to "
                + $"{(names.Count <= 3 ? string.Join(" and ", names) : $"{string.Join(", ", names.Take(3))} and {Words.Count(names.Count - 3)} others")}.";
    }

    private async Task<int?> PriorityAsync(IReadOnlyList<Job> jobs)
    {
        var parameters = new DialogParameters<PriorityDialog> { { d => d.Priority, jobs[0].Priority } };
        var dialog = await dialogs.ShowAsync<PriorityDialog>($"Priority of {Named(jobs)}", parameters);
        return await dialog.Result is { Canceled: false, Data: int priority } ? priority : null;
    }

    private static string Named(IReadOnlyList<Job> jobs) =>
        jobs.Count == 1 ? string.Create(CultureInfo.InvariantCulture, $"job {jobs[0].Id}{(jobs[0].Name.Length > 0 ? $" ({jobs[0].Name})" : "")}") : $"{jobs.Count} jobs";
}
