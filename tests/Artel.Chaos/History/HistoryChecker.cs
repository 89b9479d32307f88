using Artel.Chaos.Workload;

namespace Artel.Chaos.History;

/// <summary>Compares what was submitted, what ran and what was accepted. Pure: it looks at records and at nothing else.</summary>
internal sealed class HistoryChecker
{
    private readonly Records _records;
    private readonly ILookup<TaskKey, ProcessRun> _runs;
    private readonly List<Violation> _violations = [];

    private HistoryChecker(Records records)
    {
        _records = records;
        _runs = records.Runs.ToLookup(r => r.Task);
    }

    public static IReadOnlyList<Violation> Check(Records records)
    {
        var checker = new HistoryChecker(records);
        checker.CheckJobs();
        checker.CheckLeases();
        checker.CheckGlimpses();
        checker.CheckPrograms();
        return checker._violations;
    }

    private void CheckJobs()
    {
        var jobs = _records.Jobs.ToLookup(j => j.Name);
        foreach (var submission in _records.Submissions)
        {
            var found = jobs[submission.Name].ToList();
            var answers = submission.Answers.Distinct().ToList();
            foreach (var answer in answers.Where(a => found.All(f => f.Id != a)))
                Report(Must.NothingLost, $"job {answer} of {submission.Name} was answered and is not there");

            if (found.Count > 1 || answers.Count > 1)
                Report(Must.NothingDoubled, $"{submission.Name} is jobs {string.Join(", ", found.Select(f => f.Id).Union(answers))}");

            foreach (var job in found)
                CheckTasks(job, submission.Tasks);
        }

        var asked = _records.Submissions.Select(s => s.Name).ToHashSet();
        foreach (var job in _records.Jobs.Where(j => !asked.Contains(j.Name)))
            Report(Must.NothingDoubled, $"nobody submitted job {job.Id}, {job.Name}");
    }

    private void CheckTasks(JobSeen job, IReadOnlyList<PlannedTask> planned)
    {
        if (job.Tasks.Count != planned.Count)
            Report(Must.NothingLost, $"job {job.Id} was submitted with {planned.Count} tasks and has {job.Tasks.Count}");

        var seen = job.Tasks.ToDictionary(t => t.Number);
        foreach (var plan in planned.Where(p => seen.ContainsKey(p.Number)))
        {
            var key = new TaskKey(job.Id, plan.Number);
            var task = seen[plan.Number];
            var before = plan.After.Select(number => seen.GetValueOrDefault(number)).ToList();
            CheckOutcome(key, plan, task, before);
            CheckResults(key, task);
            CheckAlone(key, plan);
            CheckOrder(key, plan, before.OfType<TaskSeen>());
        }
    }

    private void CheckOutcome(TaskKey key, PlannedTask plan, TaskSeen task, IReadOnlyList<TaskSeen?> before)
    {
        var expected = before.All(b => b?.State == Outcome.Succeeded)
            ? plan.Work.Succeeds ? Outcome.Succeeded : Outcome.Failed
            : Outcome.Skipped;
        if (task.State == Outcome.None)
            Report(Must.NothingLost, $"task {key} has not ended: {Attempts(task)}");
        else if (task.State != expected)
            Report(Must.OutcomesRight, $"task {key} is {task.State}, not {expected}: {Attempts(task)}");
    }

    private void CheckResults(TaskKey key, TaskSeen task)
    {
        var results = task.Results.Count(r => r.Task is Outcome.Succeeded or Outcome.Failed);
        var due = task.State is Outcome.Succeeded or Outcome.Failed ? 1 : 0;
        if (results < due)
            Report(Must.NothingLost, $"task {key} is {task.State} and has no result");

        if (results > due || task.Attempts.Count(a => a.Outcome == Outcome.Succeeded) > due)
            Report(Must.NothingDoubled, $"task {key} has more results than one: {string.Join(", ", task.Results)}; {Attempts(task)}");

        foreach (var result in task.Results.Where(r => task.Attempts is not [.., var last] || last.Number != r.Attempt || last.Output != r.Output))
            Report(Must.OutputsWhole, $"the result of task {key} is not its last attempt: {result}; {Attempts(task)}");

        foreach (var attempt in task.Attempts.Where(a => a.Outcome is Outcome.Succeeded or Outcome.Failed))
        {
            var ran = _runs[key].Where(r => r.Attempt == attempt.Number && r.Node == attempt.Node && r.End is not null && r.Status == attempt.Status).ToList();
            if (ran.Count == 0)
                Report(Must.ResultsRan, $"attempt {attempt.Number} of task {key} on {attempt.Node} ended with {attempt.Status}, which no process did");
            else if (!ran.Any(r => TaskOutput.Expected(r.Id, r.Bytes) == attempt.Output))
                Report(Must.OutputsWhole, $"attempt {attempt.Number} of task {key}: its output {attempt.Output} is not that of {string.Join(" or ", ran)}");
        }
    }

    private void CheckAlone(TaskKey key, PlannedTask plan)
    {
        if (!plan.Work.Exclusive)
            return;

        var runs = _runs[key].OrderBy(r => r.Start).ToList();
        foreach (var run in runs.Where(r => r.Overlapped || runs.Exists(other => other.Start < r.Start && other.End > r.Start)))
            Report(Must.ExclusiveAlone, $"{run} began while another process of its task lived: {string.Join("; ", runs)}");
    }

    private void CheckOrder(TaskKey key, PlannedTask plan, IEnumerable<TaskSeen> before)
    {
        foreach (var run in _runs[key].Where(r => plan.Node is not null && r.Node != plan.Node))
            Report(Must.OrderKept, $"{run} is of the list of node {plan.Node}");

        foreach (var earlier in before)
        {
            var done = _runs[key with { Task = earlier.Number }].Where(r => r is { End: not null, Status: 0 }).Select(r => r.End!.Value).DefaultIfEmpty(double.MaxValue).Min();
            foreach (var run in _runs[key].Where(r => r.Start < done))
                Report(Must.OrderKept, $"{run} began before task {key.Job}.{earlier.Number} had succeeded");
        }
    }

    private void CheckLeases()
    {
        var twice = _records.Jobs.SelectMany(j => j.Tasks.SelectMany(t => t.Attempts.Select(a => (a.Lease, Of: $"{j.Id}.{t.Number} attempt {a.Number}"))))
            .GroupBy(a => a.Lease).Where(g => g.Count() > 1);
        foreach (var lease in twice)
            Report(Must.NothingDoubled, $"lease {lease.Key} was granted for {string.Join(" and ", lease.Select(l => l.Of))}");
    }

    private void CheckGlimpses()
    {
        var attempts = _records.Jobs
            .SelectMany(j => j.Tasks.SelectMany(t => t.Attempts.Select(a => new Glimpse(new TaskKey(j.Id, t.Number), a.Number, a.Outcome))))
            .ToHashSet();
        foreach (var glimpse in _records.Glimpses.Where(g => !attempts.Contains(g)))
            Report(Must.NothingTakenBack, $"attempt {glimpse.Attempt} of task {glimpse.Task} was {glimpse.Outcome}, and is no more");
    }

    private void CheckPrograms()
    {
        foreach (var process in _records.LeftOvers)
            Report(Must.NoOrphans, process);

        foreach (var end in _records.Crashes)
            Report(Must.NothingCrashed, end);
    }

    private static string Attempts(TaskSeen task) => string.Join(", ", task.Attempts.Select(a => $"{a.Number} {a.Outcome} {a.Status} on {a.Node}"));

    private void Report(Must must, string what) => _violations.Add(new Violation(must, what));
}
