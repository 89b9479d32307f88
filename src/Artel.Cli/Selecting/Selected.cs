using System.Globalization;
using Artel.Protocol.V1;

namespace Artel.Cli.Selecting;

/// <summary>A job that is there, or was a moment ago, and which of its tasks are meant.</summary>
/// <param name="Tasks">In order, none twice. Empty: the whole job.</param>
internal sealed record Selected(long Job, IReadOnlyList<TaskSpan> Tasks)
{
    /// <summary>The one task, where it is one.</summary>
    public int? Task => Tasks is [{ } only] && only.First == only.Last ? only.First : null;

    /// <summary>How many tasks are named.</summary>
    public long Count => Tasks.Sum(s => (long)s.Last - s.First + 1);

    public IEnumerable<TaskRange> Ranges => Tasks.Select(s => s.ToWire());

    public IEnumerable<int> Numbers => Tasks.SelectMany(s => Enumerable.Range(s.First, s.Last - s.First + 1));

    /// <summary>One for each job, in the order in which they were named; a job that is also named as a whole is taken whole.</summary>
    public static IReadOnlyList<Selected> Merge(IEnumerable<Selected> all) =>
    [
        .. all.GroupBy(s => s.Job).Select(job => new Selected(
            job.Key, job.Any(s => s.Tasks.Count == 0) ? [] : TaskSelector.Merge(job.SelectMany(s => s.Tasks)))),
    ];

    public override string ToString() =>
        Job.ToString(CultureInfo.InvariantCulture) + (Tasks.Count == 0 ? "" : $".{string.Join(',', Tasks)}");
}
