using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Cli.Results;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Running;

/// <summary>
/// The output of a job's tasks as it is written, from several at the same time: of up to <see cref="MostAtOnce"/> running tasks live,
/// each on a call of its own, and of all others when they have ended, through the one stream of results. Each task is told once.
/// </summary>
internal sealed class LiveTasks(ClusterSession session, Selected which, WireStream[] streams, IOutputPrinter printer, Surroundings s)
{
    public const int MostAtOnce = 16;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(300);

    private readonly Lock _lock = new();
    private readonly HashSet<int> _live = [];
    private readonly HashSet<int> _told = [];
    private readonly HashSet<int>? _wanted = which.Tasks.Count == 0 ? null : [.. which.Numbers];

    /// <summary>Until the job has ended. Gives how many outputs the server could not give.</summary>
    public async Task<int> FollowAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var feed = new ResultFeed(session, which.Job, [new OthersSink(this), Cuts()], true, s.Terminal.Warn, s.Clock);
        var live = ReadLiveAsync(stop.Token);
        try
        {
            await Task.WhenAll(feed.ReadAsync(follow: true, ct), live);
        }
        finally
        {
            await stop.CancelAsync();
            await live.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return feed.Damaged;
    }

    /// <summary>What there is now: of those that have ended, then of those that run.</summary>
    public async Task<int> ReadAsync(CancellationToken ct)
    {
        var feed = new ResultFeed(session, which.Job, [new OthersSink(this), Cuts()], true, s.Terminal.Warn, s.Clock);
        await feed.ReadAsync(follow: false, ct);
        var job = await session.Client.GetJobAsync(new GetJobRequest { Job = which.Job }, session.Question(ct));
        await Parallel.ForEachAsync(
            (await RunningAsync(job, ct)).Where(Claim),
            new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = ct },
            async (task, stop) => await RelayAsync(task, follow: false, stop));
        return feed.Damaged;
    }

    private async Task ReadLiveAsync(CancellationToken ct)
    {
        var readers = new List<Task>();
        // The feed says already where the server is away.
        await foreach (var job in JobFeed.WatchAsync(session, which.Job, _ => { }, s.Clock, ct))
        {
            readers.RemoveAll(r => r.IsCompletedSuccessfully);
            if (readers.FirstOrDefault(r => r.IsCompleted) is { } failed)
                await failed;

            if (readers.Count >= MostAtOnce || job.Counts is not { Running: > 0 })
                continue;

            foreach (var task in (await RunningAsync(job, ct)).Where(Claim).Take(MostAtOnce - readers.Count))
                readers.Add(RelayAsync(task, follow: true, ct));

            await Task.Delay(LookEvery, s.Clock, ct);
        }

        await Task.WhenAll(readers);
    }

    /// <summary>Asked of the nodes that work on the job: a list of its tasks would be looked through as a whole.</summary>
    private async Task<IReadOnlyList<int>> RunningAsync(Job job, CancellationToken ct)
    {
        var running = new List<int>();
        foreach (var share in job.Nodes.Where(n => n.Running > 0))
        {
            try
            {
                var node = await session.Client.GetNodeAsync(new GetNodeRequest { Id = share.Node }, session.Question(ct));
                running.AddRange(node.AttemptTasks.Zip(node.Attempts)
                    .Where(a => a.First.Job == which.Job && a.Second.Started is not null && _wanted?.Contains(a.First.Task) != false)
                    .Select(a => a.First.Task));
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound || (RpcFailure.IsOutOfReach(e) && !ct.IsCancellationRequested))
            {
                // It was forgotten, or the server is just away: looked for again with the next change.
            }
        }

        running.Sort();
        return running;
    }

    private CutReport Cuts() => new(s.Terminal.Warn, streams, task => _wanted?.Contains(task) != false);

    private IOutputPrinter Printer => printer;

    private bool Shows(WireStream stream) => streams.Contains(stream);

    private bool Claim(int task)
    {
        lock (_lock)
            return !_told.Contains(task) && _live.Add(task);
    }

    private async Task RelayAsync(int task, bool follow, CancellationToken ct)
    {
        var request = new ReadOutputRequest { Job = which.Job, Task = task, Follow = follow };
        var relay = new LiveRelay(session, request, _ => { }, s.Clock);
        await Task.WhenAll(streams.Select(stream => relay.RelayAsync(
            stream, (attempt, data) => printer.Print(task, attempt, stream, data.Span), ct)));
        printer.End(task);
    }

    /// <summary>Prints what is not told live.</summary>
    private sealed class OthersSink(LiveTasks owner) : IResultSink
    {
        private WireTask? _task;

        public void Begin(WireTask task)
        {
            lock (owner._lock)
            {
                _task = owner._wanted?.Contains(task.Number) == false || owner._live.Contains(task.Number) ? null : task;
                if (_task is not null)
                    owner._told.Add(task.Number);
            }
        }

        public void Write(WireStream stream, ReadOnlySpan<byte> data)
        {
            if (_task is not null && owner.Shows(stream))
                owner.Printer.Print(_task.Number, _task.AttemptCount, stream, data);
        }

        public void Complete(WireTask task)
        {
            if (_task is not null)
                owner.Printer.End(task.Number);
        }

        public void Abandon()
        {
        }
    }
}
