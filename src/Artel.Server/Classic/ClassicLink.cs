using System.IO.Pipelines;
using Artel.Core;
using Artel.Server.Nodes;
using Artel.Server.Nodes.Messages;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Classic;

/// <summary>
/// Stands between one classic node and the rest of the server, for which it is a node like any other: what the server tells a node's
/// session becomes a pickle, an <c>OK</c> or the end of the connection, and states become what a native agent would report.
/// </summary>
internal sealed class ClassicLink(
    NodeSession session, ClassicReader input, PipeWriter output, CancellationTokenSource ending, NodeInbox inbox, Delivery delivery,
    OutputTails tails, TimeProvider time)
{
    private static readonly byte[] Ok = "OK"u8.ToArray();
    private static readonly TimeSpan RoomPeriod = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(long Job, int Template), ClassicTemplate> _templates = [];
    private readonly Queue<ClassicTask> _granted = [];
    private readonly List<(ulong Tail, V1.Lease Lease)> _readers = [];
    private ClassicTask? _sent;
    private bool _waits;

    private bool _stopsWhenIdle;

    /// <summary>Runs until either side has ended the connection.</summary>
    /// <returns>Why the server did, or null where the node has left.</returns>
    /// <exception cref="ClassicException">The node did not keep to the protocol.</exception>
    /// <exception cref="OperationCanceledException">It was silent for too long, or its connection broke.</exception>
    public async Task<string?> RunAsync()
    {
        var said = input.ReadStateAsync(ending.Token);
        var told = session.Outbox.WaitToReadAsync(ending.Token).AsTask();
        try
        {
            while (true)
            {
                await Task.WhenAny(said, told, _sent?.Overdue ?? said);
                if (told.IsCompleted)
                {
                    if (await ObeyAllAsync(await told) is { } reason)
                    {
                        return reason;
                    }

                    told = session.Outbox.WaitToReadAsync(ending.Token).AsTask();
                }

                if (_sent is { Overdue.IsCompletedSuccessfully: true } late)
                {
                    await ReportAsync(late.TimedOut());
                    return "its task ran out of time";
                }

                if (said.IsCompleted)
                {
                    if (await said is not { } state)
                    {
                        return null;
                    }

                    await HearAsync(state);
                    said = input.ReadStateAsync(ending.Token);
                }

                if (await HandOutAsync() is { } end)
                {
                    return end;
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)said).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((Task)told).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _sent?.Dispose();
            foreach (var (tail, _) in _readers.ToArray())
            {
                await EndTailAsync(tail);
            }
        }
    }

    /// <summary>What the end of the connection means: with a task in hand the node is lost, since it can not come back to it; without, it has left.</summary>
    public void Leave(ClusterState state, DateTimeOffset now)
    {
        foreach (var task in _granted)
        {
            state.GiveBack(session.Node, session.Incarnation, LeaseSet.Of(new Lease(task.Lease.Epoch, task.Lease.Sequence)), now);
        }

        if (_sent is not null)
        {
            state.Lose(session.Node, session.Incarnation, now);
        }
        else
        {
            state.Stop(session.Node, session.Incarnation, now);
        }

        // It has no credential that would have to be kept, and there are as many numbers as someone likes to try.
        if (!state.HasListOf(session.Node) && state.View(session.Node) is { Draining: false } view && view.Incarnation == session.Incarnation)
        {
            state.Forget(session.Node, now);
        }
    }

    private async Task HearAsync(V1.NodeState state)
    {
        switch (state)
        {
            case V1.NodeState.Waiting:
                // Said with a task in hand, such as after a 3 that was answered at once, it only says that the node lives.
                if (_sent is null)
                {
                    Wait(true);
                    session.State = state;
                }

                break;
            case V1.NodeState.Running:
                // Late, from the node's second thread, it says no more than that the node lives.
                session.State = _sent is null ? session.State : state;
                break;
            case V1.NodeState.Failed:
                var failed = TaskOf(state);
                session.State = state;
                await ReportAsync(failed.Failed());
                Wait(true);
                break;
            default:
                await TakeDataAsync(TaskOf(state));
                break;
        }
    }

    /// <summary>A node that waits for a task may be silent. Any other says that it lives.</summary>
    private void Wait(bool waits)
    {
        _waits = waits;
        session.Heard();
        session.MayBeSilent = waits;
    }

    private ClassicTask TaskOf(V1.NodeState state) =>
        _sent ?? throw new ClassicException($"state {(int)state} says how a task ended, and the node has none");

    /// <summary>The node sends nothing, and may be silent, until the disk of the server has room for what it has.</summary>
    private async Task WaitForRoomAsync(long length)
    {
        while (!delivery.HasRoom(length))
        {
            session.MayBeSilent = true;
            await Task.Delay(RoomPeriod, time, ending.Token);
        }

        session.Heard();
        session.MayBeSilent = false;
    }

    private async Task TakeDataAsync(ClassicTask task)
    {
        session.State = V1.NodeState.Succeeded;
        await output.WriteAsync(Ok, ending.Token);
        var length = await input.ReadLengthAsync(ending.Token);

        // Announced like any long output. The server's word that it may come, SendOutput, is known to follow: see TakeAsync.
        await TellAsync(new V1.NodeMessage { Ended = new V1.Ended { Results = { task.Succeeded(length) } } });
        await WaitForRoomAsync(length);
        await output.WriteAsync(Ok, ending.Token);
        var data = new ClassicData(input, task, length);
        await delivery.ReceiveAsync(new Lease(task.Lease.Epoch, task.Lease.Sequence), isAhead: false, data.ReadAsync(ending.Token), ending.Token);
        await data.SkipAsync(ending.Token);
        await ForgetSentAsync();
        session.State = V1.NodeState.Waiting;
        Wait(true);
    }

    /// <summary>Sends the next task where the node waits for one. Not null where it is not to get any more.</summary>
    private async Task<string?> HandOutAsync()
    {
        while (_waits && _sent is null && _granted.TryDequeue(out var next))
        {
            if (next.Untellable is { } what)
            {
                await TellAsync(Ended(next.NotStarted($"node {session.Node} speaks the classic protocol, which carries arguments only, and this task has {what}")));
                continue;
            }

            // Before it is sent: from then on there may be a process, whatever the server gets to know of it.
            _sent = next;
            next.Send();
            session.State = V1.NodeState.Running;
            var started = new V1.Started();
            started.Attempts.Add(new V1.AttemptStarted { Lease = next.Lease, At = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(next.SentAt!.Value) });
            await TellAsync(new V1.NodeMessage { Started = started });
            Wait(false);
            await output.WriteAsync(PickledList.Write(next.Arguments), ending.Token);
        }

        if (!_stopsWhenIdle || _sent is not null)
        {
            return null;
        }

        await TellAsync(new V1.NodeMessage { Goodbye = new V1.Goodbye { Reason = "the server asked this node to stop" } });
        return "it was asked to stop";
    }

    private async Task<string?> ObeyAllAsync(bool open)
    {
        while (open && session.Outbox.TryRead(out var message))
        {
            if (await ObeyAsync(message) is { } reason)
            {
                return reason;
            }
        }

        return open ? null : "its link was closed";
    }

    private async Task<string?> ObeyAsync(V1.ServerMessage message)
    {
        switch (message.KindCase)
        {
            case V1.ServerMessage.KindOneofCase.Assign:
                Take(message.Assign);
                return null;
            case V1.ServerMessage.KindOneofCase.EndAttempts:
                return await EndAsync(message.EndAttempts);
            case V1.ServerMessage.KindOneofCase.Drain when message.Drain.ThenStop:
                _stopsWhenIdle = true;
                return message.Drain.Now ? await GiveUpAsync("its node was stopped") : null;
            case V1.ServerMessage.KindOneofCase.Leave:
                await GiveUpAsync(message.Leave.Reason);
                return message.Leave.Reason;
            case V1.ServerMessage.KindOneofCase.TailOutput:
                _readers.Add((message.TailOutput.Tail, message.TailOutput.Lease));
                if (!message.TailOutput.Follow || _sent?.Lease.Equals(message.TailOutput.Lease) is not true)
                {
                    await EndTailAsync(message.TailOutput.Tail);
                }

                return null;
            case V1.ServerMessage.KindOneofCase.ForgetJobs:
                foreach (var key in _templates.Keys.Where(k => message.ForgetJobs.Jobs.Contains(k.Job)).ToArray())
                {
                    _templates.Remove(key);
                }

                return null;
            default:
                // SendOutput: the node had its OK when it announced. Settled: the node keeps nothing. Drain alone: the rules see to it.
                return null;
        }
    }

    private void Take(V1.Assign assign)
    {
        foreach (var definition in assign.Templates)
        {
            _templates[(definition.Job, definition.Template)] = ClassicTemplate.Of(definition.Spec);
        }

        foreach (var grant in assign.Grants)
        {
            for (var i = 0; i < grant.Leases.Count; i++)
            {
                _granted.Enqueue(new ClassicTask(grant, i, _templates[(grant.Job, grant.Template)], time));
            }
        }
    }

    /// <summary>The protocol has no word that ends a process: what the node is to end, it is told by the end of its connection.</summary>
    private async Task<string?> EndAsync(V1.EndAttempts end)
    {
        var back = _granted.Where(t => Contains(end, t.Lease)).ToArray();
        await GiveBackAsync(back, report: !end.Revoked);
        if (_sent is null || !Contains(end, _sent.Lease))
        {
            return null;
        }

        if (end.Revoked)
        {
            await ForgetSentAsync();
        }
        else
        {
            await ReportAsync(_sent.Cancelled(""));
        }

        return "what it runs is to end";
    }

    private async Task<string?> GiveUpAsync(string why)
    {
        await GiveBackAsync([.. _granted], report: true);
        if (_sent is not null)
        {
            await ReportAsync(_sent.Cancelled(why));
        }

        return null;
    }

    private async Task GiveBackAsync(ClassicTask[] tasks, bool report)
    {
        if (tasks.Length == 0)
        {
            return;
        }

        var rest = _granted.Except(tasks).ToArray();
        _granted.Clear();
        Array.ForEach(rest, _granted.Enqueue);
        if (report)
        {
            var returned = new V1.Returned();
            returned.Leases.AddRange(tasks.Select(t => new V1.LeaseRange { Epoch = t.Lease.Epoch, FirstSequence = t.Lease.Sequence, Count = 1 }));
            await TellAsync(new V1.NodeMessage { Returned = returned });
        }
    }

    /// <summary>Tells how the task that was sent has ended.</summary>
    private async Task ReportAsync(V1.AttemptResult result)
    {
        await TellAsync(Ended(result));
        await ForgetSentAsync();
    }

    private async Task ForgetSentAsync()
    {
        var lease = _sent?.Lease;
        _sent?.Dispose();
        _sent = null;
        foreach (var (tail, _) in _readers.Where(r => r.Lease.Equals(lease)).ToArray())
        {
            await EndTailAsync(tail);
        }
    }

    /// <summary>A classic node shows no output before its task has ended.</summary>
    private async Task EndTailAsync(ulong tail)
    {
        _readers.RemoveAll(r => r.Tail == tail);
        await tails.GiveAsync(session.Node, new V1.TailChunk { Tail = tail, End = true }, CancellationToken.None);
    }

    private Task<bool> TellAsync(V1.NodeMessage message) => inbox.TakeAsync(NodeMessages.Parse(message), CancellationToken.None);

    private static V1.NodeMessage Ended(V1.AttemptResult result) => new() { Ended = new V1.Ended { Results = { result } } };

    private static bool Contains(V1.EndAttempts end, V1.Lease lease) => end.Leases.Any(r =>
        r.Epoch == lease.Epoch && lease.Sequence >= r.FirstSequence && lease.Sequence - r.FirstSequence < r.Count);
}
