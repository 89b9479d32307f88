using Artel.Chaos.History;
using Artel.Chaos.Workload;

namespace Artel.Chaos.Tests;

/// <summary>
/// A history in which all is well, to be spoiled in one place: job 7 with task 1, exclusive, lost once and then run to its end, task 2
/// after it, which failed once, and task 3 of the list of node 3, which fails.
/// </summary>
internal sealed class Past
{
    public const string Name = "job";
    public const long Job = 7;

    public static readonly TaskKey First = new(Job, 1);
    public static readonly TaskKey Second = new(Job, 2);
    public static readonly TaskKey Third = new(Job, 3);

    public List<PlannedTask> Plans { get; } =
    [
        new(1, new Work(100, 10, Exclusive: true), null, []),
        new(2, new Work(100, 0, FailsBefore: 2, Retries: 1), null, [1]),
        new(3, new Work(100, 0, FailsBefore: Work.Always), "3", []),
    ];

    public List<long> Answers { get; } = [Job];

    public List<ProcessRun> Runs { get; } =
    [
        new(First, 1, "1", "run-1", 10, Start: 1, Overlapped: false),
        new(First, 2, "2", "run-2", 10, Start: 5, Overlapped: false, End: 6),
        new(Second, 1, "1", "run-3", 0, Start: 7, Overlapped: false, End: 8, Status: 7),
        new(Second, 2, "2", "run-4", 0, Start: 9, Overlapped: false, End: 10),
        new(Third, 1, "3", "run-5", 0, Start: 2, Overlapped: false, End: 3, Status: 7),
    ];

    public List<TaskSeen> Tasks { get; } =
    [
        new(
            1, Outcome.Succeeded,
            [new(1, "1", "1/1", Outcome.GivenUp), new(2, "2", "1/2", Outcome.Succeeded, 0, TaskOutput.Expected("run-2", 10))],
            [new(2, Outcome.Succeeded, TaskOutput.Expected("run-2", 10))]),
        new(
            2, Outcome.Succeeded,
            [new(1, "1", "1/3", Outcome.Failed, 7, TaskOutput.Expected("run-3", 0)), new(2, "2", "1/4", Outcome.Succeeded, 0, TaskOutput.Expected("run-4", 0))],
            [new(2, Outcome.Succeeded, TaskOutput.Expected("run-4", 0))]),
        new(
            3, Outcome.Failed,
            [new(1, "3", "1/5", Outcome.Failed, 7, TaskOutput.Expected("run-5", 0))],
            [new(1, Outcome.Failed, TaskOutput.Expected("run-5", 0))]),
    ];

    public List<JobSeen> MoreJobs { get; } = [];

    public List<Glimpse> Glimpses { get; } = [new(First, 2, Outcome.Succeeded)];

    public List<string> LeftOvers { get; } = [];

    public List<string> Crashes { get; } = [];

    /// <summary>Whether the server knows the job.</summary>
    public bool IsThere { get; set; } = true;

    public Records Records => new(
        [new Submission(Name, Plans, Answers, At: 0)],
        [.. IsThere ? [new JobSeen(Job, Name, Tasks)] : Array.Empty<JobSeen>(), .. MoreJobs],
        Runs, Glimpses, LeftOvers, Crashes);

    /// <summary>Replaces what is seen of a task.</summary>
    public void See(int number, Func<TaskSeen, TaskSeen> other) => Tasks[number - 1] = other(Tasks[number - 1]);

    /// <summary>Replaces a process.</summary>
    public void Run(string id, Func<ProcessRun, ProcessRun> other)
    {
        var place = Runs.FindIndex(r => r.Id == id);
        Runs[place] = other(Runs[place]);
    }
}
