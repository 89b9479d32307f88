using Artel.Chaos.Workload;

namespace Artel.Chaos.History;

/// <summary>A task of the cluster.</summary>
internal readonly record struct TaskKey(long Job, int Task)
{
    public override string ToString() => $"{Job}.{Task}";
}

/// <summary>How a task or an attempt ended, as far as the comparison goes.</summary>
internal enum Outcome
{
    /// <summary>Not yet.</summary>
    None,
    Succeeded,
    Failed,
    Skipped,

    /// <summary>An attempt that was given up: its node was lost, or it was moved or cancelled.</summary>
    GivenUp,

    /// <summary>A process that was ended by a signal, ran out of time, or could not be started.</summary>
    Broken,
}

/// <summary>What a submitter did.</summary>
/// <param name="Answers">The job ids that it was answered with, in order; none: nobody knows whether the job exists.</param>
/// <param name="At">When it first asked, in seconds of Unix time.</param>
internal sealed record Submission(string Name, IReadOnlyList<PlannedTask> Tasks, IReadOnlyList<long> Answers, double At);

/// <summary>One process of a task, by its own lines. Times are seconds of Unix time.</summary>
/// <param name="Id">No other process of the run has it.</param>
/// <param name="Bytes">How much it was to write.</param>
/// <param name="Overlapped">It found another process of its task alive.</param>
/// <param name="End">Null: it was killed before.</param>
internal sealed record ProcessRun(
    TaskKey Task, int Attempt, string Node, string Id, int Bytes, double Start, bool Overlapped, double? End = null, int Status = 0);

/// <summary>An attempt as the server tells it.</summary>
/// <param name="Output">Digests of both streams, see <see cref="TaskOutput"/>.</param>
internal sealed record AttemptSeen(int Number, string Node, string Lease, Outcome Outcome, int Status = 0, string Output = "");

/// <summary>The accepted result of a task, as those are told who fetch results.</summary>
/// <param name="Task">What became of the task by it.</param>
internal sealed record ResultSeen(int Attempt, Outcome Task, string Output);

/// <summary>A task as the server tells it at the end.</summary>
internal sealed record TaskSeen(int Number, Outcome State, IReadOnlyList<AttemptSeen> Attempts, IReadOnlyList<ResultSeen> Results);

internal sealed record JobSeen(long Id, string Name, IReadOnlyList<TaskSeen> Tasks);

/// <summary>A result that the server told while faults were made: from then on it must stay so.</summary>
internal readonly record struct Glimpse(TaskKey Task, int Attempt, Outcome Outcome);

/// <summary>All that is known of a run when it has ended.</summary>
internal sealed record Records(
    IReadOnlyList<Submission> Submissions, IReadOnlyList<JobSeen> Jobs, IReadOnlyList<ProcessRun> Runs,
    IReadOnlyList<Glimpse> Glimpses, IReadOnlyList<string> LeftOvers, IReadOnlyList<string> Crashes)
{
    /// <summary>All that is known of one task, for people.</summary>
    public IEnumerable<string> StoryOf(string task) =>
    [
        .. Jobs.SelectMany(j => j.Tasks.Where(t => new TaskKey(j.Id, t.Number).ToString() == task).SelectMany(t => t.Attempts.Select(a => $"{j.Name}: {a}"))),
        .. Runs.Where(r => r.Task.ToString() == task).OrderBy(r => r.Start).Select(r => r.ToString()),
    ];
}
