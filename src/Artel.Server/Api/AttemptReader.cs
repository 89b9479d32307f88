using Artel.Core;
using Artel.Server.Loop;
using Artel.Server.Storage;
using Artel.Server.Wire;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>What ran when: what runs from the state, what has ended from the store.</summary>
internal sealed class AttemptReader(ClusterLoop loop, IClusterStore store)
{
    private const int DefaultLimit = 1000;
    private const int MaxLimit = 5000;
    private const int MaxOfNode = 1000;

    public async Task<V1.ListAttemptsReply> ReadAsync(V1.ListAttemptsRequest request, CancellationToken cancellation)
    {
        var ofNode = request.Node.Length > 0;
        if (ofNode == (request.Job != 0))
        {
            throw Refusals.Invalid("job and node: give one of them");
        }

        if (ofNode && request.LongestOnly)
        {
            throw Refusals.Invalid("longest_only is for the attempts of a job: leave it out");
        }

        var most = ofNode ? MaxOfNode : MaxLimit;
        var window = new AttemptWindow(
            Asked.Time("from", request.From), Asked.Time("to", request.To), Asked.Number("limit", request.Limit, DefaultLimit, most), request.OldestFirst, request.LongestOnly);
        if (window.From >= window.To)
        {
            throw Refusals.Invalid("from is not before to");
        }

        var before = window.To ?? DateTimeOffset.MaxValue;
        if (ofNode)
        {
            var node = new NodeId(request.Node);
            var held = await loop.AskAsync((state, _) => state.View(node) is null ? null : state.ViewAttempts(node, MaxOfNode), cancellation);
            var ended = await store.ListAttemptsAsync(node, window, cancellation);
            var running = (held ?? []).Where(a => a.State == TaskState.Running && a.Started < before).ToArray();
            return held is null && ended.Attempts.Count == 0
                ? throw Refusals.NoNode(request.Node)
                : Join(running, running.Length, ended, window);
        }

        var job = new JobId(request.Job);
        var (isThere, runs, count) = await loop.AskAsync(
            (state, _) =>
            {
                var runs = state.ViewRunning(job, before, window.Limit, out var count);
                return (state.View(job) is not null, runs, count);
            },
            cancellation);
        var times = await store.ListAttemptsAsync(job, window, cancellation);
        if (!isThere && times.Count == 0 && await store.GetJobAsync(job, cancellation) is null)
        {
            throw Refusals.NoJob(job);
        }

        return Join(runs, count, times, window);
    }

    /// <summary>What runs has ended last, in any order that is asked for: it has not ended yet.</summary>
    /// <param name="running">Those that started first, in that order.</param>
    /// <param name="count">How many run, of which these may be a part.</param>
    private static V1.ListAttemptsReply Join(IReadOnlyList<AttemptView> running, int count, TimedAttempts ended, AttemptWindow window)
    {
        var reply = new V1.ListAttemptsReply { Total = (int)Math.Min(int.MaxValue, (long)count + ended.Count) };
        var done = ended.Attempts;

        // An attempt that has ended between the two looks is in both.
        var runs = running.ExceptBy(done.Select(a => (a.Task, a.Attempt)), a => (a.Task, a.Attempt)).ToList();
        if (runs.Count + done.Count > window.Limit)
        {
            (runs, done) = window.LongestOnly ? Longest(runs, done, window.Limit)
                : window.OldestFirst ? ([.. runs.Take(window.Limit - done.Count)], done)
                : ([.. runs.Take(window.Limit)], [.. done.Take(window.Limit - Math.Min(runs.Count, window.Limit))]);
        }

        var (first, second) = (runs.Select(Write), done.Select(Write));
        reply.Attempts.AddRange(window.OldestFirst ? second.Concat(first) : first.Reverse().Concat(second));
        reply.More = !ended.IsAll || reply.Attempts.Count < reply.Total;
        return reply;
    }

    /// <summary>Those that did not simply succeed first, then those that run, then those that took longest.</summary>
    private static (List<AttemptView> Runs, IReadOnlyList<TimedAttempt> Done) Longest(List<AttemptView> runs, IReadOnlyList<TimedAttempt> done, int limit)
    {
        var odd = done.Count(a => !IsPlain(a));
        var kept = runs.Take(limit - Math.Min(odd, limit)).ToList();
        var chosen = done.Index().OrderBy(a => IsPlain(a.Item)).ThenByDescending(a => a.Item.Ended - (a.Item.Started ?? a.Item.Ended)).Take(limit - kept.Count);
        return (kept, [.. chosen.OrderBy(a => a.Index).Select(a => a.Item)]);
    }

    private static bool IsPlain(TimedAttempt attempt) => attempt is { Outcome: AttemptOutcome.Succeeded, Attempt: 1 };

    private static V1.TimedAttempt Write(AttemptView view) => new()
    {
        Job = view.Task.Job.Value,
        Task = view.Task.Number,
        Number = view.Attempt,
        Node = view.Node.Value,
        Started = WireWriter.Write(view.Started),
    };

    private static V1.TimedAttempt Write(TimedAttempt attempt) => new()
    {
        Job = attempt.Task.Job.Value,
        Task = attempt.Task.Number,
        Number = attempt.Attempt,
        Node = attempt.Node.Value,
        Started = WireWriter.Write(attempt.Started),
        Ended = attempt.Finished.ToTimestamp(),
        Outcome = (V1.AttemptOutcome)attempt.Outcome,
        ExitStatus = attempt.ExitStatus,
        Signal = attempt.Signal,
    };
}
