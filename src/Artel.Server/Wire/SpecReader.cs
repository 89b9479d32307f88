using System.Collections.Immutable;
using Artel.Core;
using Artel.Protocol.Maps;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Wire;

/// <summary>From a job as it was submitted to what the rules need to know of it.</summary>
internal static class SpecReader
{
    private static readonly TimeSpan DefaultBackoff = JobLimits.DefaultBackoff;
    private static readonly TimeSpan DefaultMaxBackoff = JobLimits.DefaultMaxBackoff;

    /// <summary>The spec of a stored document.</summary>
    public static JobSpec Read(ReadOnlyMemory<byte> document)
    {
        var submission = V1.Submission.Parser.ParseFrom(document.Span);
        return Read(submission);
    }

    /// <param name="submission">One whose job <see cref="JobSpecs.ValidateSpec"/> found no mistakes in.</param>
    public static JobSpec Read(V1.Submission submission) => Read(submission, JobLayout.Of(submission.Job));

    /// <inheritdoc cref="Read(V1.Submission)"/>
    /// <param name="layout">Of its job.</param>
    public static JobSpec Read(V1.Submission submission, JobLayout layout)
    {
        var job = submission.Job;
        var tags = Tags(job.Tags);
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var place in layout.Templates.Where(p => p.Template.Name.Length > 0))
        {
            byName[place.Template.Name] = place.Number;
        }

        // Templates of an empty list have no tasks: nothing waits for them.
        var empty = layout.Templates.Where(p => p.Count == 0).Select(p => p.Template.Name).ToHashSet(StringComparer.Ordinal);
        var sections = ImmutableArray.CreateBuilder<SectionSpec>(job.Sections.Count);
        var sectionOf = new int[layout.Templates.Count];
        Array.Fill(sectionOf, -1);
        var next = 0;
        foreach (var section in job.Sections)
        {
            Array.Fill(sectionOf, sections.Count, next, section.Tasks.Count);
            sections.Add(new SectionSpec(new NodeId(section.Node), Math.Max(1, section.AtOnce), next, section.Tasks.Count));
            next += section.Tasks.Count;
        }

        return new JobSpec(
            job.Name, submission.User, job.Priority, sections.MoveToImmutable(),
            [.. layout.Templates.Select(place => Read(place, sectionOf[place.Number], byName, empty, tags))])
        {
            StartAt = job.StartAt?.ToDateTimeOffset(),
            Deadline = job.Deadline?.ToDateTimeOffset(),
            MaxFails = job.HasMaxFails ? job.MaxFails : null,
            Tags = tags,
            After = [.. job.After.Select(on => new JobDependency(new JobId(on.Job), on.Task, on.AnyOutcome)).Distinct()],
        };
    }

    private static TemplateSpec Read(
        TemplatePlace place, int section, Dictionary<string, int> byName, HashSet<string> empty, ImmutableArray<string> tags)
    {
        var template = place.Template;
        var awaited = template.After.Where(on => !empty.Contains(on.Name))
            .Select(on => new Dependency(byName[on.Name], on.AnyOutcome, on.Each));
        return new TemplateSpec
        {
            Name = template.Name,
            FirstTask = place.FirstTask,
            Count = place.Count,
            Section = section,
            Needs = Read(template.Needs, section),
            Labels = Labels(template.Labels),
            Prefer = Labels(template.Prefer),
            Tags = template.Tags.Count == 0 ? tags : Tags([.. tags, .. template.Tags]),
            AtOnce = template.AtOnce,
            Timeout = template.Timeout?.ToTimeSpan(),
            Retry = Read(template.Retry, place.Retries),
            After = template.After.Count == 0
                ? []
                : [.. awaited.Distinct().OrderBy(on => on.Template)],
            Exclusive = template.Exclusive,
            OnNodeLost = template.OnNodeLost switch
            {
                V1.OnNodeLost.Requeue => OnNodeLost.Requeue,
                V1.OnNodeLost.Wait => OnNodeLost.Wait,
                V1.OnNodeLost.Fail => OnNodeLost.Fail,
                _ => section >= 0 ? OnNodeLost.Wait : OnNodeLost.Requeue,
            },
        };
    }

    /// <summary>What is asked for, and nothing else.</summary>
    public static Needs NeedsOf(V1.Needs? needs) =>
        needs is null
            ? Needs.None
            : new Needs(needs.MilliCpus, needs.MemoryBytes, needs.MilliGpus, Read(needs.Counters));

    /// <summary>Labels in order of key.</summary>
    public static ImmutableArray<Label> Labels(IEnumerable<KeyValuePair<string, string>> labels) =>
        labels is ICollection<KeyValuePair<string, string>> { Count: 0 } ? [] : [.. labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => new Label(l.Key, l.Value))];

    private static ImmutableArray<string> Tags(IEnumerable<string> tags) => [.. tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static Needs Read(V1.Needs? needs, int section)
    {
        // A task of a node's list is held back by the list's at_once, not by cpus, unless it says otherwise.
        var unsaid = section >= 0 ? Needs.None : Needs.OneCpu;
        return needs is null
            ? unsaid
            : new Needs(
                needs.HasMilliCpus ? needs.MilliCpus : unsaid.MilliCpus, needs.MemoryBytes, needs.MilliGpus, Read(needs.Counters));
    }

    private static RetryPolicy Read(V1.RetryPolicy? retry, int retries)
    {
        if (retry is null && retries == 0)
            return RetryPolicy.Never;

        retry ??= new V1.RetryPolicy();
        return new RetryPolicy(
            retries, Read(retry.Backoff, DefaultBackoff), retry.Factor == 0 ? 2 : retry.Factor, Read(retry.MaxBackoff, DefaultMaxBackoff))
        {
            Jitter = retry.HasJitter ? retry.Jitter : JobLimits.DefaultJitter,
            RetryOn = Read(retry.RetryOn),
            NoRetryOn = Read(retry.NoRetryOn),
            AvoidSameNode = retry.AvoidSameNode,
        };
    }

    private static FailureSet? Read(V1.FailureSet? set) => set is null
        ? null
        : new FailureSet(
            [.. set.ExitStatuses.Select(r => new StatusRange(r.First, r.Last))], [.. set.Outcomes.Select(o => (AttemptOutcome)o)]);

    private static TimeSpan Read(Duration? duration, TimeSpan otherwise) => duration?.ToTimeSpan() ?? otherwise;

    /// <summary>Counters in order of name.</summary>
    public static ImmutableArray<Counter> Read(IEnumerable<KeyValuePair<string, long>> counters) =>
        [.. counters.Where(c => c.Value > 0).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => new Counter(c.Key, c.Value))];
}
