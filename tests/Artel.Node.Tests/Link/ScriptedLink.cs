using System.Diagnostics;
using Artel.Protocol.V1;
using Artel.Testing;
using Grpc.Core;

namespace Artel.Node.Tests.Link;

/// <summary>One link as the server sees it.</summary>
internal sealed class ScriptedLink(Hello hello, IServerStreamWriter<ServerMessage> responses, ServerCallContext context) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(long At, NodeMessage Message)> _received = [];
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _writing = new(1);
    private volatile bool _isWelcome;
    private volatile bool _isOver;

    public Hello Hello => hello;

    public bool IsWelcome => _isWelcome;

    public bool IsOver => _isOver;

    /// <summary>All but heartbeats, in order.</summary>
    public IReadOnlyList<NodeMessage> Said => [.. All().Select(m => m.Message).Where(m => m.Heartbeat is null)];

    public IReadOnlyList<(long At, Heartbeat Heartbeat)> Heartbeats => [.. All().Where(m => m.Message.Heartbeat is not null).Select(m => (m.At, m.Message.Heartbeat))];

    public IReadOnlyList<AttemptResult> Results => [.. Said.Where(m => m.Ended is not null).SelectMany(m => m.Ended.Results)];

    public IReadOnlyList<LeaseId> Started => [.. Said.Where(m => m.Started is not null).SelectMany(m => m.Started.Attempts).Select(a => LeaseId.Of(a.Lease))];

    public IReadOnlyList<LeaseId> Returned => [.. Said.Where(m => m.Returned is not null).SelectMany(m => m.Returned.Leases).SelectMany(Expand)];

    public static IEnumerable<LeaseId> Expand(LeaseRange range) =>
        Enumerable.Range(0, range.Count).Select(i => new LeaseId(range.Epoch, range.FirstSequence + i));

    public async Task Refuse(Leave leave)
    {
        _isOver = true;
        await Send(new ServerMessage { Leave = leave });
    }

    public async Task Run(Welcome welcome, IAsyncStreamReader<NodeMessage> requests)
    {
        await Send(new ServerMessage { Welcome = welcome });
        _isWelcome = true;
        try
        {
            var reading = Read(requests);
            await Task.WhenAny(reading, _closing.Task);
            await (_closing.Task.IsCompleted ? _closing.Task : reading);
        }
        finally
        {
            _isOver = true;
        }
    }

    public async Task Send(ServerMessage message)
    {
        await _writing.WaitAsync();
        try
        {
            await responses.WriteAsync(message);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Grants leases 1.first… of a template, which is sent along.</summary>
    public Task Grant(TaskTemplate template, long first = 1, int count = 1, int templateNumber = 0, int task = 1) => Send(new ServerMessage
    {
        Assign = new Assign
        {
            Templates = { new TemplateDefinition { Job = 7, Template = templateNumber, Spec = template } },
            Grants =
            {
                new Grant { Job = 7, Template = templateNumber, FirstTask = task, Attempt = 1, Leases = Range(first, count) },
            },
        },
    });

    public static LeaseRange Range(long first, int count = 1) => new() { Epoch = 1, FirstSequence = first, Count = count };

    public Task Settle(long first, int count = 1, Settled.Types.Verdict verdict = Settled.Types.Verdict.Stored) =>
        Send(new ServerMessage { Settled = new Settled { Verdict = verdict, Leases = { Range(first, count) } } });

    public Task End(long first, int count = 1, bool revoked = false) =>
        Send(new ServerMessage { EndAttempts = new EndAttempts { Revoked = revoked, Leases = { Range(first, count) } } });

    public async Task<AttemptResult> Result(long sequence)
    {
        await Eventually.Holds(() => Results.Any(r => r.Lease.Sequence == sequence), $"the result of lease {sequence} comes", Describe);
        return Results.Single(r => r.Lease.Sequence == sequence);
    }

    public Task HasStarted(long sequence) =>
        Eventually.Holds(() => Started.Contains(new LeaseId(1, sequence)), $"lease {sequence} is started", Describe);

    /// <summary>Ends it without a word.</summary>
    public void Break()
    {
        _closing.TrySetException(new IOException("broken by the test"));
        if (!_isOver)
            context.GetHttpContext().Abort();
    }

    /// <summary>Ends it in good order.</summary>
    public void Close() => _closing.TrySetResult();

    public string Describe() => $"heard {Said.Count}: {string.Join("; ", Said.TakeLast(5))}";

    public void Dispose() => _writing.Dispose();

    private async Task Read(IAsyncStreamReader<NodeMessage> requests)
    {
        while (await requests.MoveNext(context.CancellationToken))
        {
            lock (_gate)
            {
                _received.Add((Stopwatch.GetTimestamp(), requests.Current));
            }
        }
    }

    private List<(long At, NodeMessage Message)> All()
    {
        lock (_gate)
        {
            return [.. _received];
        }
    }
}
