using Artel.Cli.Access;
using Artel.Cli.Progress;
using Artel.Cli.Results;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Running;

/// <summary>Follows one job to its end: its progress to a view, its results to the sinks, and a cancel to the cluster.</summary>
internal sealed class JobRun(ClusterSession session, long job, IRunView view, TimeProvider clock)
{
    /// <summary>How long a cancelled job of a private cluster may take to end before the cluster is stopped under it.</summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(15);

    /// <summary>The same on a shared cluster, whose nodes may be out of reach. The cancel stands: the job ends when they are back.</summary>
    private static readonly TimeSpan SharedCancelGrace = TimeSpan.FromSeconds(30);

    /// <summary>How long the cluster may take to answer a cancel.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(5);

    /// <summary>What else runs as long as the job: the relay of live output.</summary>
    public Func<CancellationToken, Task>? Alongside { get; init; }

    /// <summary>Ends the run with a failure where it completes: the death of a private cluster.</summary>
    public Func<CancellationToken, Task>? Watchdog { get; init; }

    /// <summary>True if the run cannot go on: then it does not report that it waits for the server.</summary>
    public Func<bool>? IsLost { get; init; }

    /// <summary>The job when it had ended; null where the run was left before that.</summary>
    public async Task<Job?> FollowAsync(IReadOnlyList<IResultSink> sinks, bool withOutput, Interruptions interruptions)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interruptions.Leave);
        var watched = WatchAsync(stop.Token);
        var feed = new ResultFeed(session, job, [.. sinks, new ViewSink(view)], withOutput, Tell, clock);
        Task[] parts = [watched, feed.ReadAsync(follow: true, stop.Token), Alongside?.Invoke(stop.Token) ?? Task.CompletedTask];
        var watchdog = Watchdog?.Invoke(stop.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, clock, stop.Token);
        try
        {
            await EndOfAsync([.. parts], watchdog, interruptions.Cancel, stop);
            return await watched;
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or RpcException or CommandFailure { Status: ExitStatus.Interrupted })
        {
            return null;
        }
        finally
        {
            await stop.CancelAsync();
            await EndAsync(Task.WhenAll([.. parts, watchdog]));
        }
    }

    /// <summary>Until all parts have ended; one that fails is not kept waiting for the others.</summary>
    private async Task EndOfAsync(List<Task> parts, Task watchdog, Task cancel, CancellationTokenSource stop)
    {
        var cancelled = false;
        while (parts.Count > 0)
        {
            var first = await Task.WhenAny(cancelled ? [.. parts, watchdog] : [.. parts, watchdog, cancel]);
            if (cancel.IsCompleted && !cancelled)
            {
                // Before anything else: a second signal may already have ended the other parts.
                cancelled = true;
                await CancelAsync();
                stop.CancelAfter(Watchdog is null ? SharedCancelGrace : CancelGrace);
                continue;
            }

            await first;
            parts.Remove(first);
        }
    }

    private async Task<Job?> WatchAsync(CancellationToken ct)
    {
        Job? last = null;
        await foreach (var now in JobFeed.WatchAsync(session, job, Tell, clock, ct))
        {
            last = now;
            view.Update(now);
        }

        return last;
    }

    private void Tell(string line)
    {
        if (IsLost?.Invoke() != true)
            view.Note($"artel: {line}");
    }

    /// <summary>Sends the cancel, also if the run is being left.</summary>
    private async Task CancelAsync()
    {
        view.Note($"Cancelling job {job}…");
        using var limit = new CancellationTokenSource(CancelPatience, clock);
        try
        {
            await session.Client.CancelAsync(new JobAction { Job = job }, session.Question(limit.Token));
        }
        catch (RpcException e)
        {
            view.Note(limit.IsCancellationRequested
                ? $"artel: the cluster did not confirm the cancel within {CancelPatience.TotalSeconds} s: 'artel cancel {job}' sends it again"
                : session.Describe(e).Message);
        }
    }

    /// <summary>Waits for what was stopped. How it failed is of no interest any more: what failed first was told.</summary>
    private static async Task EndAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private sealed class ViewSink(IRunView view) : IResultSink
    {
        public void Begin(WireTask task)
        {
        }

        public void Write(WireStream stream, ReadOnlySpan<byte> data)
        {
        }

        public void Complete(WireTask task) => view.Ended(task);

        public void Abandon()
        {
        }
    }
}
