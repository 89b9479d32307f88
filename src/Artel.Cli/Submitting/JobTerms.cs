using Artel.Protocol.Maps;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Cli.Submitting;

/// <summary>Options that say something of the whole job, and so go with a map too: they replace what it says, and add to its tags, limits and what it waits for.</summary>
internal static class JobTerms
{
    /// <summary>The word for the newest job of the one who asks.</summary>
    private const string Last = "last";

    public static void Apply(JobOptions options, JobAnswers answers, JobSpec job, DateTimeOffset now)
    {
        if (answers.Get(options.Name) is { Length: > 0 } name)
            job.Name = name;

        if (answers.Has(options.Priority))
            job.Priority = (int)answers.Get(options.Priority);

        if (options.WithHold && answers.Get(options.Hold))
            job.Hold = true;

        if (answers.Get(options.StartAt) is { } start)
            job.StartAt = Moment("--start-at", start, now);

        if (answers.Get(options.Deadline) is { } deadline)
        {
            job.Deadline = Moment("--deadline", deadline, now);
            if (job.Deadline.ToDateTimeOffset() <= now)
                throw CommandFailure.WrongUsage($"--deadline: {Moments.Format(job.Deadline)} is over: give a time to come, or a duration from now like +2h");
        }

        if (answers.Has(options.MaxFails) && answers.Get(options.FailFast))
            throw CommandFailure.WrongUsage("--max-fails and --fail-fast: give one of them (--fail-fast is --max-fails 0)");

        if (answers.Has(options.MaxFails) || answers.Get(options.FailFast))
            job.MaxFails = (int)answers.Get(options.MaxFails);

        job.Tags.Add(answers.Words(options.Tags).Where(t => !job.Tags.Contains(t)).ToList());
        foreach (var (tag, most) in answers.Pairs(options.Limits))
            job.Limits[tag] = (int)most;
    }

    /// <summary>Adds the jobs that this one waits for. Asks the cluster only where the newest one is meant.</summary>
    public static async Task AddDependenciesAsync(JobOptions options, JobAnswers answers, JobSpec job, Func<Task<long>> newest)
    {
        foreach (var (option, any) in new[] { (options.After, false), (options.AfterAny, true) })
        {
            foreach (var word in answers.Words(option))
            {
                job.After.Add(await DependencyAsync(option.Name, word, any, newest));
            }
        }
    }

    /// <summary>A job, or a task of one, to wait for.</summary>
    /// <param name="option">For messages.</param>
    public static async Task<JobDependency> DependencyAsync(
        string option, string word, bool any, Func<Task<long>> newest)
    {
        var isLast = word == Last || word.StartsWith(Last + ".", StringComparison.Ordinal);
        var text = isLast ? FormattableString.Invariant($"{await newest()}{word[Last.Length..]}") : word;
        var dependency = JobDependencies.Parse(text, out var error)
            ?? throw CommandFailure.WrongUsage($"{option}: {error}, or 'last'");
        dependency.AnyOutcome = any;
        return dependency;
    }

    private static Timestamp Moment(string option, string text, DateTimeOffset now) =>
        Moments.TryParse(text, now, out var moment, out var error) ? moment : throw CommandFailure.WrongUsage($"{option}: {error}");
}
