using Artel.Cli.Access;
using Artel.Cli.Selecting;
using Artel.Protocol.V1;
using Grpc.Core;

namespace Artel.Cli.Results;

/// <summary>
/// Brings named tasks of a job to the sinks, one after another: those that have ended, with the output of their last
/// attempt.
/// </summary>
internal sealed class TaskFeed(ClusterSession session, Selected which, Action<string> tell)
{
    private static readonly WireStream[] Streams = [WireStream.Stdout, WireStream.Stderr];

    /// <summary>Only so many lines at the end of each stream; 0: all.</summary>
    public int TailLines { get; init; }

    /// <summary>Gives how many outputs the server could not give, or not all of. Each was told.</summary>
    public async Task<int> ReadAsync(IReadOnlyList<IResultSink> sinks, CancellationToken ct)
    {
        var damaged = 0;
        var request = new ListTasksRequest { Job = which.Job, Tasks = { which.Ranges } };
        await foreach (var (tasks, _) in TaskPages.ReadAsync(session, request, long.MaxValue, ct))
        {
            foreach (var task in tasks.Where(t => JobText.HasEnded(t.State)))
            {
                foreach (var sink in sinks)
                    sink.Begin(task);

                if (JobText.LastAttempt(task) is { } attempt)
                {
                    foreach (var stream in Streams)
                        damaged += await PassAsync(task, attempt, stream, sinks, ct) ? 0 : 1;
                }

                foreach (var sink in sinks)
                    sink.Complete(task);
            }
        }

        return damaged;
    }

    private async Task<bool> PassAsync(
        WireTask task, Attempt attempt, WireStream stream, IReadOnlyList<IResultSink> sinks, CancellationToken ct)
    {
        if ((stream == WireStream.Stderr ? attempt.Stderr : attempt.Stdout) is not { Length: > 0 })
            return true;

        var request = new ReadOutputRequest { Job = task.Job, Task = task.Number, Attempt = attempt.Number, Streams = { stream }, TailLines = TailLines };
        try
        {
            using var call = session.Client.ReadOutput(request, ClusterSession.Stream(ct));
            while (await call.ResponseStream.MoveNext(ct))
            {
                foreach (var sink in sinks)
                    sink.Write(stream, call.ResponseStream.Current.Data.Span);
            }

            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.DataLoss)
        {
            tell(e.Status.Detail);
            return false;
        }
    }
}
