using System.Threading.Channels;
using Artel.Core;
using Artel.Server.Nodes;
using Artel.Server.Outputs;
using Artel.Server.Storage;

namespace Artel.Server.Loop;

/// <summary>
/// Owns <see cref="ClusterState"/>. Commands come in through a bounded channel (a full one makes its callers wait); one reader runs
/// all that have come, places tasks, and seals what changed into a batch. A second reader commits batches in order, and only then
/// answers the callers and tells nodes and watchers. While a batch is being committed the next one is being built.
/// </summary>
internal sealed class ClusterLoop(
    ClusterState state, IClusterStore store, OutputStore outputs, Audience audience, NodeSessions sessions, ServerOptions options, AwakeTime awake,
    Vitals vitals, TimeProvider time, ILogger<ClusterLoop> log)
{
    private const int MaxWaiting = 16 * 1024;
    private const int MaxBatch = 4 * 1024;

    /// <summary>How exactly waits for retries and lost nodes are kept.</summary>
    public static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(50);

    /// <summary>Where the clock goes ahead or back by more than this, as against the time the server was awake, something was up.</summary>
    private static readonly TimeSpan ClockStep = TimeSpan.FromMilliseconds(250);

    private readonly Channel<LoopCommand> _commands = Channel.CreateBounded<LoopCommand>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Channel<Batch> _batches = Channel.CreateBounded<Batch>(
        new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Runs a command or a question on the state. Completes once everything it changed, or saw changed, is on disk.</summary>
    /// <param name="run">Called once, alone, with the time.</param>
    /// <exception cref="LoopStoppedException">The server is stopping, or its store has failed: nothing is known to be kept.</exception>
    public async Task<T> AskAsync<T>(Func<ClusterState, DateTimeOffset, T> run, CancellationToken cancellation)
    {
        var command = new LoopCommand<T>(run);
        try
        {
            await _commands.Writer.WriteAsync(command, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new LoopStoppedException();
        }

        return await command.Answer.WaitAsync(cancellation);
    }

    /// <summary>Runs until cancelled, or until the store fails.</summary>
    /// <exception cref="StoreException">The store has failed: the server must end.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        var committing = CommitBatchesAsync();
        try
        {
            await BuildBatchesAsync(committing, stopping);
        }
        finally
        {
            _commands.Writer.TryComplete();
            _batches.Writer.TryComplete();
            while (_commands.Reader.TryRead(out var late))
            {
                late.Fail();
            }
        }

        await committing;
    }

    private async Task BuildBatchesAsync(Task committing, CancellationToken stopping)
    {
        using var pulse = new PeriodicTimer(Pulse, time);
        var beat = pulse.WaitForNextTickAsync(stopping).AsTask();
        var some = _commands.Reader.WaitToReadAsync(stopping).AsTask();
        var clock = (At: time.GetUtcNow(), Awake: awake.Pulse());
        while (true)
        {
            var woken = await Task.WhenAny(some, beat, committing);
            if (woken == committing || stopping.IsCancellationRequested)
            {
                return;
            }

            var turn = time.GetTimestamp();
            var now = time.GetUtcNow();
            clock = Follow(clock, now);
            if (beat.IsCompleted)
            {
                beat = pulse.WaitForNextTickAsync(stopping).AsTask();
                sessions.CloseSilent(options.LostAfter);
                state.Tick(now);
                audience.Reclaim(state.Reclaim(now));
            }

            var commands = new List<LoopCommand>();
            while (commands.Count < MaxBatch && _commands.Reader.TryRead(out var command))
            {
                command.Run(state, now);
                commands.Add(command);
            }

            if (some.IsCompleted)
            {
                some = _commands.Reader.WaitToReadAsync(stopping).AsTask();
            }

            state.Place(now);
            var changes = state.TakeChanges();
            vitals.NoteTurn(time.GetElapsedTime(turn));
            if (changes.Count == 0 && commands.Count == 0)
            {
                continue;
            }

            try
            {
                await _batches.Writer.WriteAsync(new Batch(changes, commands), CancellationToken.None);
            }
            catch (ChannelClosedException)
            {
                // The committer has failed and takes no more; RunAsync rethrows why.
                commands.ForEach(c => c.Fail());
                return;
            }
        }
    }

    /// <summary>
    /// Where the clock was set since the last look, or the server did not run, what is waited for waits as long as it would have: nodes
    /// are not given up for a time in which nobody could have heard them.
    /// </summary>
    private (DateTimeOffset At, TimeSpan Awake) Follow((DateTimeOffset At, TimeSpan Awake) before, DateTimeOffset now)
    {
        var awakeNow = awake.Pulse();
        var step = now - before.At - (awakeNow - before.Awake);
        if (step.Duration() > ClockStep)
        {
            log.ClockStepped(step);
            state.StepClock(step);
        }

        return (now, awakeNow);
    }

    private async Task CommitBatchesAsync()
    {
        await foreach (var batch in _batches.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                if (batch.Changes.Count > 0)
                {
                    // Output first: a result that is stored must never point at bytes that are not.
                    await outputs.FlushAsync(CancellationToken.None);
                    await store.CommitAsync(batch.Changes, CancellationToken.None);
                }
            }
            catch (Exception e)
            {
                log.CommitFailed(e);
                _batches.Writer.TryComplete();
                batch.Commands.ForEach(c => c.Fail());
                while (_batches.Reader.TryRead(out var late))
                {
                    late.Commands.ForEach(c => c.Fail());
                }

                throw;
            }

            audience.Tell(batch.Changes);
            batch.Commands.ForEach(c => c.Succeed());
        }
    }

    private sealed record Batch(IReadOnlyList<Change> Changes, List<LoopCommand> Commands);
}

/// <summary>The server takes no more commands.</summary>
internal sealed class LoopStoppedException() : Exception("the server is stopping");
