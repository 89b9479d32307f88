using Artel.Core;
using Artel.Protocol.Maps;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Wire;

/// <summary>A submission with other terms, and everything that follows from it.</summary>
/// <param name="Detail">What has changed, for people: <c>memory=8GiB, timeout=7200s</c>. Never what a task
/// runs.</param>
internal sealed record JobRevision(byte[] Bytes, JobDocument Document, JobSpec Spec, string Detail)
{
    /// <summary>A job lists at most this many of its last changes.</summary>
    private const int MostShown = 10;

    private const string None = "none";

    /// <summary>True if nothing is to be changed.</summary>
    public static bool IsEmpty(V1.JobChanges? changes) => changes is null || changes.CalculateSize() == 0;

    /// <summary>Puts changes into a submission.</summary>
    /// <param name="before">Left as it is.</param>
    /// <param name="check">Throws if what comes of it is not valid.</param>
    public static JobRevision Of(
        V1.Submission before, V1.JobChanges changes, DateTimeOffset now, Action<V1.JobSpec> check)
    {
        var after = before.Clone();
        var job = after.Job;
        var detail = Describe(changes);
        if (changes.Name.Length > 0)
        {
            job.Name = changes.Name;
        }

        if (changes.After is { } others)
        {
            job.After.Clear();
            job.After.Add(others.Jobs);
        }

        foreach (var section in job.Sections)
        {
            section.AtOnce = changes.HasAtOnce ? changes.AtOnce : section.AtOnce;
        }

        foreach (var template in job.Tasks)
        {
            template.AtOnce = changes.HasAtOnce ? changes.AtOnce : template.AtOnce;
        }

        foreach (var template in job.Sections.SelectMany(s => s.Tasks).Concat(job.Tasks))
        {
            Apply(changes, template);
        }

        after.Changes.Add($"{now:u} {detail}");
        while (after.Changes.Count > MostShown)
        {
            after.Changes.RemoveAt(0);
        }

        check(job);
        var document = new JobDocument(after);
        return new JobRevision(after.ToByteArray(), document, SpecReader.Read(after, document.Layout), detail);
    }

    private static void Apply(V1.JobChanges changes, V1.TaskTemplate template)
    {
        if (changes.HasMemoryBytes || changes.HasMilliCpus)
        {
            template.Needs ??= new V1.Needs();
            template.Needs.MemoryBytes = changes.HasMemoryBytes ? changes.MemoryBytes : template.Needs.MemoryBytes;
            if (changes.HasMilliCpus)
            {
                template.Needs.MilliCpus = changes.MilliCpus;
            }
        }

        if (changes.Timeout is { } timeout)
        {
            template.Timeout = IsNone(timeout) ? null : timeout;
        }

        if (changes.HasRetries)
        {
            template.Retry ??= new V1.RetryPolicy();
            template.Retry.Retries = changes.Retries;
        }

        if (changes.Script is { } script)
        {
            template.Run.Clear();
            template.Run.Add(script.Run);
            template.Script = script.Script;
        }
    }

    /// <summary>True if the duration stands for no timeout.</summary>
    private static bool IsNone(Duration timeout) => timeout is { Seconds: 0, Nanos: 0 };

    /// <summary>What is to be changed, for people. Takes whatever a caller has sent.</summary>
    public static string Describe(V1.JobChanges changes)
    {
        var parts = new List<string>();
        Add(changes.Name.Length > 0, "name", changes.Name);
        Add(
            changes.HasMemoryBytes,
            "memory",
            changes.MemoryBytes < 0 ? FormattableString.Invariant($"{changes.MemoryBytes}") : Sizes.Format(changes.MemoryBytes));
        Add(changes.HasMilliCpus, "cpus", FormattableString.Invariant($"{changes.MilliCpus / 1000.0:0.###}"));
        Add(
            changes.Timeout is not null,
            "timeout",
            changes.Timeout switch
            {
                null => "",
                var t when IsNone(t) => None,
                var t => FormattableString.Invariant($"{t.Seconds + (t.Nanos / 1e9):0.###}s"),
            });
        Add(changes.HasRetries, "retries", FormattableString.Invariant($"{changes.Retries}"));
        Add(
            changes.HasAtOnce, "at_once", changes.AtOnce == 0 ? None : FormattableString.Invariant($"{changes.AtOnce}"));
        Add(
            changes.After is not null,
            "after",
            changes.After is { Jobs.Count: > 0 } after ? string.Join('+', after.Jobs.Select(Name)) : None);
        if (changes.Script is not null)
        {
            parts.Add("another script");
        }

        return string.Join(", ", parts);

        void Add(bool isSet, string name, string value)
        {
            if (isSet)
            {
                parts.Add($"{name}={value}");
            }
        }

        static string Name(V1.JobDependency on)
        {
            var task = on.Task > 0 ? FormattableString.Invariant($".{on.Task}") : "";
            return FormattableString.Invariant($"{on.Job}{task}{(on.AnyOutcome ? " (any end)" : "")}");
        }
    }
}
