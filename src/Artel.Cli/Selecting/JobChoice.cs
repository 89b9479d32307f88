using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Protocol.V1;

namespace Artel.Cli.Selecting;

/// <summary>Which jobs and tasks a command line means, before the cluster was asked which those are.</summary>
internal sealed record JobChoice
{
    public IReadOnlyList<TaskSelector> Named { get; init; } = [];

    /// <summary>Of those named, only tasks in these states. Empty: all.</summary>
    public IReadOnlyList<TaskState> TaskStates { get; init; } = [];

    /// <summary>Null where jobs are named.</summary>
    public JobFilter? Filter { get; init; }

    /// <summary>Of the jobs that fit the filter, the newest is meant.</summary>
    public bool OnlyNewest { get; init; }

    /// <summary>All are meant, and the user has not said yes to that.</summary>
    public bool NeedsConsent { get; init; }

    /// <summary>The command changes jobs: those of others are not taken unnoticed.</summary>
    public bool Acts { get; init; }

    /// <summary>The user has said yes to whatever is found.</summary>
    public bool IsSure { get; init; }

    /// <summary>Each job once.</summary>
    /// <exception cref="CommandFailure">Nothing fits: not found.</exception>
    public async Task<IReadOnlyList<Selected>> FindAsync(ClusterSession session, Surroundings s, CancellationToken ct)
    {
        if (Filter is { } filter)
            return await FilteredAsync(filter, session, s, ct);

        long? last = Named.Any(n => n.Job is null) ? await LastAsync(session, ct) : null;
        var found = Selected.Merge(Named.Select(n => new Selected(n.Job ?? last!.Value, n.Tasks)));
        if (TaskStates.Count == 0)
            return found;

        var inStates = new List<Selected>();
        foreach (var job in found)
        {
            var tasks = await TaskPages.InStatesAsync(session, job, TaskStates, ct);
            if (tasks.Count > 0)
                inStates.Add(job with { Tasks = tasks });
        }

        var which = string.Join(" or ", TaskStates.Select(StateWords.Of));
        return inStates.Count > 0 ? inStates : throw NotFound($"no task of {string.Join(", ", found)} is {which}");
    }

    /// <summary>The one that is meant, of a command for one job.</summary>
    public async Task<Selected> FindOneAsync(ClusterSession session, Surroundings s, CancellationToken ct)
    {
        var found = (await FindAsync(session, s, ct))[0];
        if (Filter is not null)
            s.Terminal.Note($"Job {found.Job}, the newest that fits:");

        return found;
    }

    private async Task<IReadOnlyList<Selected>> FilteredAsync(JobFilter filter, ClusterSession session, Surroundings s, CancellationToken ct)
    {
        List<Job> jobs;
        if (OnlyNewest)
        {
            var request = filter.ToRequest();
            request.Limit = 1;
            jobs = [.. (await session.Client.ListJobsAsync(request, session.Question(ct))).Jobs];
        }
        else
        {
            jobs = await JobPages.ReadAllAsync(session, filter, ct);
        }

        if (jobs.Count == 0)
            throw NotFound($"no job {(filter.Mine ? "of yours " : "")}fits {filter}".TrimEnd() + (filter.Mine ? ": --user '*' looks at everyone's" : ""));

        if (NeedsConsent)
        {
            throw CommandFailure.WrongUsage(
                $"--all means {Words.Count(jobs.Count, "job", "jobs")} with {Words.Tasks(jobs.Sum(j => (long)(j.Counts?.Total ?? 0)))}: add --yes to do it");
        }

        // What is the user's own is looked for by the cluster: none of it is another's.
        IReadOnlyList<Job> meant = Acts && !filter.Mine ? await OthersJobs.SettleAsync(jobs, IsSure, session, s, ct) : jobs;
        return [.. meant.Select(j => new Selected(j.Id, []))];
    }

    private static async Task<long> LastAsync(ClusterSession session, CancellationToken ct)
    {
        var reply = await session.Client.ListJobsAsync(new ListJobsRequest { Mine = true, Limit = 1 }, session.Question(ct));
        return reply.Jobs.Count > 0 ? reply.Jobs[0].Id : throw NotFound("there is no 'last' job: none was submitted with this token's name yet");
    }

    private static CommandFailure NotFound(string message) => new(ExitStatus.NotFound, message);
}
