using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Cli.Progress;
using Artel.Protocol.Timing;
using Artel.Protocol.V1;

namespace Artel.Cli.Running;

/// <summary>Waits for jobs, with a picture of how they are doing where standard error is a terminal, and says how each has ended.</summary>
internal sealed class JobsWait(ClusterSession session, IReadOnlyList<long> ids, Surroundings s)
{
    /// <summary>Calls that are open at the same time. Of more jobs the others are looked at when the first have ended.</summary>
    private const int MostAtOnce = 256;

    private readonly Dictionary<long, Job> _seen = [];

    /// <summary>Whether the end of one is enough.</summary>
    public bool UntilFirst { get; init; }

    /// <summary>Null: as long as it takes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The jobs in their order, as they were last seen: all ended, unless the time was up or one was enough.</summary>
    public async Task<IReadOnlyList<Job>> RunAsync(CancellationToken ct)
    {
        if (UntilFirst && ids.Count > MostAtOnce)
            throw CommandFailure.WrongUsage($"--any waits for up to {MostAtOnce} jobs at the same time, not {Words.Count(ids.Count)}");

        using var patience = new CancellationTokenSource();
        using var timer = Timeout is { } most ? LongTimer.Start(s.Clock, most, patience.Cancel) : null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            // Asked once before: a server that was never there is not one to wait for.
            await Parallel.ForEachAsync(ids, Bounded(stop.Token), async (id, token) =>
                Note(await session.Client.GetJobAsync(new GetJobRequest { Job = id }, session.Question(token))));
            await WatchAsync(stop);
        }
        catch (Exception e) when (patience.IsCancellationRequested && !ct.IsCancellationRequested
            && e is OperationCanceledException or Grpc.Core.RpcException or CommandFailure { Status: ExitStatus.Interrupted })
        {
            var left = ids.Count(id => !_seen.TryGetValue(id, out var job) || !JobText.HasEnded(job.State));
            if (left > 0)
                s.Terminal.Warn($"{Words.Count(left, "job has", "jobs have")} not ended within {Words.Duration(Timeout!.Value)}; {(left == 1 ? "it goes" : "they go")} on");
        }

        ct.ThrowIfCancellationRequested();
        foreach (var job in ids.Select(Seen).Where(j => JobText.HasEnded(j.State)))
            s.Terminal.Note(JobText.EndLine(job, s.Clock.GetUtcNow()));

        return [.. ids.Select(Seen)];
    }

    private static ParallelOptions Bounded(CancellationToken ct) => new() { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = ct };

    private Job Seen(long id) => _seen.GetValueOrDefault(id) ?? new Job { Id = id };

    private async Task WatchAsync(CancellationTokenSource stop)
    {
        if (UntilFirst && _seen.Values.Any(j => JobText.HasEnded(j.State)))
            return;

        var view = s.Terminal.CanDraw
            ? new LiveView(s.Terminal, s.Clock, ids.Count == 1 ? new ProgressPicture(s.Clock) : new JobsPicture(s.Clock, ids))
            : (IRunView)new QuietView(s.Terminal, tellsTasks: false);
        await using (view)
        {
            var ended = false;
            try
            {
                await Parallel.ForEachAsync(ids, Bounded(stop.Token), async (id, token) =>
                {
                    await foreach (var job in JobFeed.WatchAsync(session, id, line => view.Note($"artel: {line}"), s.Clock, token))
                    {
                        Note(job);
                        view.Update(job);
                    }

                    if (UntilFirst)
                    {
                        ended = true;
                        await stop.CancelAsync();
                    }
                });
            }
            catch (Exception e) when (ended && e is OperationCanceledException or Grpc.Core.RpcException or CommandFailure)
            {
                // One has ended: what becomes of the others is not waited for.
            }
        }
    }

    private void Note(Job job)
    {
        lock (_seen)
            _seen[job.Id] = job;
    }
}
