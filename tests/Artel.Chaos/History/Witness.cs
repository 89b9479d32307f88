using Artel.Protocol.V1;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Chaos.History;

/// <summary>Asks the server for all it has accepted, when everything has ended.</summary>
internal sealed class Witness(ClusterClient client)
{
    private const int Page = 1000;

    // Nothing is made to fail any more.
    private static DateTime Minute => (TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1)).UtcDateTime;
    private static readonly ParallelOptions Few = new() { MaxDegreeOfParallelism = 8 };

    public async Task<List<V1.Job>> JobsAsync()
    {
        List<V1.Job> all = [];
        for (var more = true; more;)
        {
            var request = new ListJobsRequest { Before = all.Count == 0 ? 0 : all[^1].Id, Limit = Page };
            var page = await client.Service.ListJobsAsync(request, deadline: ClusterClient.Deadline);
            all.AddRange(page.Jobs);
            more = page.More;
        }

        return all;
    }

    public static bool HasEnded(V1.Job job) => job.State is JobState.Succeeded or JobState.Failed or JobState.Cancelled;

    public async Task<JobSeen> TestifyAsync(V1.Job job)
    {
        var results = await ResultsAsync(job.Id);
        var tasks = new TaskSeen[job.Counts.Total];
        await Parallel.ForAsync(0, tasks.Length, Few, async (i, cancellation) =>
        {
            var task = await client.Service.GetTaskAsync(new GetTaskRequest { Job = job.Id, Task = i + 1 }, deadline: Minute, cancellationToken: cancellation);
            List<AttemptSeen> attempts = [];
            foreach (var attempt in task.Attempts)
                attempts.Add(await SeenAsync(task, attempt));

            tasks[i] = new TaskSeen(task.Number, StateOf(task.State), attempts, [.. results[task.Number]]);
        });
        return new JobSeen(job.Id, job.Name, tasks);
    }

    public static Outcome OutcomeOf(V1.Attempt attempt) => attempt.Outcome switch
    {
        AttemptOutcome.Unspecified => Outcome.None,
        AttemptOutcome.Succeeded => Outcome.Succeeded,
        AttemptOutcome.Failed => Outcome.Failed,
        AttemptOutcome.Signalled or AttemptOutcome.TimedOut or AttemptOutcome.NotStarted or AttemptOutcome.OutOfMemory => Outcome.Broken,
        _ => Outcome.GivenUp,
    };

    private async Task<AttemptSeen> SeenAsync(V1.Task task, V1.Attempt attempt)
    {
        var outcome = OutcomeOf(attempt);
        var output = "";
        if (outcome is Outcome.Succeeded or Outcome.Failed)
        {
            using var streams = new Streams();
            using var call = client.Service.ReadOutput(new ReadOutputRequest { Job = task.Job, Task = task.Number, Attempt = attempt.Number }, deadline: Minute);
            await foreach (var chunk in call.ResponseStream.ReadAllAsync())
                streams.Write(chunk);

            output = streams.Digest();
        }

        return new AttemptSeen(attempt.Number, attempt.Node, $"{attempt.Lease.Epoch}/{attempt.Lease.Sequence}", outcome, attempt.ExitStatus, output);
    }

    private static Outcome StateOf(TaskState state) => state switch
    {
        TaskState.Succeeded => Outcome.Succeeded,
        TaskState.Failed => Outcome.Failed,
        TaskState.Skipped => Outcome.Skipped,
        TaskState.Cancelled => Outcome.GivenUp,
        _ => Outcome.None,
    };

    private async Task<ILookup<int, ResultSeen>> ResultsAsync(long job)
    {
        List<(int Task, ResultSeen Result)> results = [];
        using var streams = new Streams();
        V1.Task? ended = null;

        // The output of a result comes after it, and before the next one.
        void Finish()
        {
            if (ended is not null)
                results.Add((ended.Number, new ResultSeen(ended.Attempts[0].Number, StateOf(ended.State), streams.Digest())));

            streams.Clear();
        }

        using var call = client.Service.FetchResults(new FetchResultsRequest { Job = job }, deadline: Minute);
        await foreach (var chunk in call.ResponseStream.ReadAllAsync())
        {
            if (chunk.Ended is { } next)
            {
                Finish();
                ended = next;
            }
            else if (chunk.Output is { } output)
            {
                streams.Write(output);
            }
        }

        Finish();
        return results.ToLookup(r => r.Task, r => r.Result);
    }

    /// <summary>The output of one attempt as it comes.</summary>
    private sealed class Streams : IDisposable
    {
        private readonly MemoryStream _stdout = new();
        private readonly MemoryStream _stderr = new();

        public void Write(OutputChunk chunk) => (chunk.Stream == V1.Stream.Stdout ? _stdout : _stderr).Write(chunk.Data.Span);

        public string Digest() => TaskOutput.Digest(_stdout.ToArray(), _stderr.ToArray());

        public void Clear()
        {
            _stdout.SetLength(0);
            _stderr.SetLength(0);
        }

        public void Dispose()
        {
            _stdout.Dispose();
            _stderr.Dispose();
        }
    }
}
