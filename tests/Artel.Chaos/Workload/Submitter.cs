using Artel.Chaos.History;
using Artel.Testing;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Chaos.Workload;

/// <summary>Submits one job after the other, with a bounded number of tasks under way, and writes down what it was answered.</summary>
internal sealed class Submitter(string name, Random chance, JobMix mix, TaskProgram program, TestCluster cluster, ClusterClient client, Story story)
{
    private const int MostTasks = 40;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly List<Submission> _submissions = [];
    private readonly Dictionary<long, int> _underway = [];

    /// <summary>Look at it when <see cref="RunAsync"/> has ended.</summary>
    public IReadOnlyList<Submission> Submissions => _submissions;

    /// <summary>A job that it was answered for, for others to look at; 0: none yet.</summary>
    public long LastJob { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            while (_underway.Values.Sum() >= MostTasks && !stop.IsCancellationRequested)
            {
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
                await LookAsync();
            }

            var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
            var job = $"chaos-{name}-{number}";
            var (tasks, answers) = chance.Next(6) == 0 ? await ByCommandAsync(job) : await ByCallAsync(mix.Next(job));
            story.Note(name, $"{job}, {tasks.Count} tasks: {(answers.Count == 0 ? "no answer" : $"job {string.Join(", ", answers)}")}");
            _submissions.Add(new Submission(job, tasks, answers, at));
            foreach (var answer in answers)
            {
                _underway[answer] = tasks.Count;
                LastJob = answer;
            }
        }
    }

    /// <summary>Asks again with the same request id where there was no answer, mostly, and sometimes where there was one.</summary>
    private async Task<(IReadOnlyList<PlannedTask> Tasks, List<long> Answers)> ByCallAsync(PlannedJob job)
    {
        List<long> answers = [];
        bool again;
        do
        {
            try
            {
                var request = new V1.SubmitRequest { Job = job.Spec, RequestId = job.Name };
                answers.Add((await client.Service.SubmitAsync(request, deadline: ClusterClient.Deadline)).Job);
                again = answers.Count == 1 && chance.Next(8) == 0;
            }
            catch (RpcException e) when (ClusterClient.IsNoAnswer(e) || e.StatusCode == StatusCode.ResourceExhausted)
            {
                // Also while the disk of the server is full: there will be room later.
                again = chance.Next(12) != 0;
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
        while (again);
        return (job.Tasks, answers);
    }

    private async Task<(IReadOnlyList<PlannedTask> Tasks, List<long> Answers)> ByCommandAsync(string job)
    {
        var (count, work) = mix.NextArray();
        PlannedTask[] tasks = [.. Enumerable.Range(1, count).Select(number => new PlannedTask(number, work, null, []))];
        await using var submit = cluster.BeginArtel(
            ["submit", "--name", job, "--array", $"1-{count}", "--retries", $"{work.Retries}", "--cpus", "0.5", "--", .. program.Arguments(work)]);
        try
        {
            var ended = await submit.EndAsync(TimeSpan.FromSeconds(20));
            return (tasks, ended.Status == 0 ? [long.Parse(ended.Output, System.Globalization.CultureInfo.InvariantCulture)] : []);
        }
        catch (TimeoutException)
        {
            return (tasks, []);
        }
    }

    /// <summary>Forgets the jobs that have ended.</summary>
    private async Task LookAsync()
    {
        foreach (var job in _underway.Keys.ToList())
        {
            try
            {
                var seen = await client.Service.GetJobAsync(new V1.GetJobRequest { Job = job }, deadline: ClusterClient.Deadline);
                var counts = seen.Counts;
                _underway[job] = counts.Total - counts.Succeeded - counts.Failed - counts.Cancelled - counts.Skipped;
                if (_underway[job] == 0)
                    _underway.Remove(job);
            }
            catch (RpcException e) when (ClusterClient.IsNoAnswer(e))
            {
                return;
            }
        }
    }
}
