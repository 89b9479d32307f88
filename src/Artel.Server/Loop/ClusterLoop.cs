using System.Threading.Channels;
using Artel.Core;
using Artel.Protocol.Text;
using Artel.Server.Nodes;
using Artel.Server.Outputs;
using Artel.Server.Storage;

namespace Artel.Server.Loop;

/// <summary>
/// Owns <see cref="ClusterState"/>. Commands come in through a bounded channel (a full one makes its callers wait); one reader runs
/// all that have come, places tasks, and seals what changed into a batch. A second reader commits batches in order, and only then
/// answers the callers and tells nodes and watchers. While a batch is being committed the next one is being built, and takes in what comes
/// until that one is on disk: the more there is to do, the more goes with one sync of the disk.
/// </summary>
internal sealed class ClusterLoop(
    ClusterState state, IClusterStore store, OutputStore outputs, Audience audience, NodeSessions sessions, ServerOptions options, AwakeTime awake,
    Vitals vitals, TimeProvider time, ILogger<ClusterLoop> log, DiskRoom? room = null)
{
    private const int MaxWaiting = 16 * 1024;
    private const int MaxBatch = 4 * 1024;

    /// <summary>A batch with fewer changes takes in what came while it waited. A larger one is worth its sync, and the next one is built beside it.</summary>
    private const int SmallBatch = 1024;

    /// <summary>A turn that has taken this long runs no more commands: the rest wait for the next one.</summary>
    private static readonly TimeSpan LongTurn = TimeSpan.FromMilliseconds(20);

    /// <summary>How exactly waits for retries and lost nodes are kept.</summary>
    public static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(50);

    /// <summary>Where the clock goes ahead or back by more than this, as against the time the server was awake, something was up.</summary>
    private static readonly TimeSpan ClockStep = TimeSpan.FromMilliseconds(250);

    private const string Stopping = "the server is stopping";

    private readonly Channel<LoopCommand> _commands = Channel.CreateBounded<LoopCommand>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Channel<Batch> _batches = Channel.CreateBounded<Batch>(
        new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>The committer says that it has nothing to do.</summary>
    private readonly Channel<bool> _idle = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Batches that were sealed and are not through yet.</summary>
    private int _underWay;

    /// <summary>Why no more is taken.</summary>
    private volatile string _stopReason = Stopping;

    /// <summary>Runs a command or a question on the state. Completes once everything it changed, or saw changed, is on disk.</summary>
    /// <param name="run">Called once, alone, with the time.</param>
    /// <exception cref="LoopStoppedException">The server is stopping, or its store has failed: nothing is known to be kept.</exception>
    public Task<T> AskAsync<T>(Func<ClusterState, DateTimeOffset, T> run, CancellationToken cancellation) =>
        PassAsync(new LoopCommand<T>(run, isGlance: false), cancellation);

    /// <summary>
    /// Runs a question on the state, and answers at once: what it saw may not be on disk yet, and never be if the server dies now. Nobody may be told of it.
    /// </summary>
    /// <exception cref="LoopStoppedException">The server is stopping, or its store has failed.</exception>
    public Task<T> GlanceAsync<T>(Func<ClusterState, T> look, CancellationToken cancellation) =>
        PassAsync(new LoopCommand<T>((state, _) => look(state), isGlance: true), cancellation);

    private async Task<T> PassAsync<T>(LoopCommand<T> command, CancellationToken cancellation)
    {
        try
        {
            await _commands.Writer.WriteAsync(command, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new LoopStoppedException(_stopReason);
        }

        return await command.Answer.WaitAsync(cancellation);
    }

    /// <summary>Runs until cancelled, until the store fails, or until there is no trust in the state any more.</summary>
    /// <exception cref="StoreException">The store has failed: the server must end.</exception>
    /// <exception cref="StateBrokenException">A bug has left the state half changed: the server must end.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        var committing = CommitBatchesAsync();
        try
        {
            await BuildBatchesAsync(committing, stopping);
        }
        catch (StateBrokenException e)
        {
            log.StateBroken(e.InnerException!);
            _stopReason = e.Message;
            throw;
        }
        finally
        {
            _commands.Writer.TryComplete();
            _batches.Writer.TryComplete();

            // What was sealed before is sound, and is committed and answered.
            await committing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_commands.Reader.TryRead(out var late))
            {
                late.Fail(_stopReason);
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
        var looked = time.GetTimestamp();
        while (true)
        {
            if (!state.HasFollowups)
            {
                await Task.WhenAny(some, beat, committing);
            }

            if (committing.IsCompleted || stopping.IsCancellationRequested)
            {
                return;
            }

            var now = time.GetUtcNow();
            clock = Follow(clock, now);
            var ticks = beat.IsCompleted;
            if (ticks)
            {
                beat = pulse.WaitForNextTickAsync(stopping).AsTask();
                vitals.Lags.Add(Lateness(ref looked));
                sessions.CloseSilent(clock.Awake, options.LostAfter);
            }

            var commands = new List<LoopCommand>();
            TakeTurn(now, ticks, commands);
            if (state.UntakenChanges == 0 && (commands.Count == 0 || Volatile.Read(ref _underWay) == 0))
            {
                // Questions, and all that they saw is on disk.
                commands.ForEach(c => c.Succeed());
                some = some.IsCompleted ? _commands.Reader.WaitToReadAsync(stopping).AsTask() : some;
                continue;
            }

            if (!_idle.Reader.TryRead(out _) && state.UntakenChanges < SmallBatch
                && await _idle.Reader.WaitToReadAsync(CancellationToken.None) && _idle.Reader.TryRead(out _))
            {
                clock = Follow(clock, time.GetUtcNow());
                TakeTurn(clock.At, ticks: false, commands);
            }

            some = some.IsCompleted ? _commands.Reader.WaitToReadAsync(stopping).AsTask() : some;
            Interlocked.Increment(ref _underWay);
            try
            {
                await _batches.Writer.WriteAsync(new Batch(state.TakeChanges(), commands), CancellationToken.None);
            }
            catch (ChannelClosedException)
            {
                // The committer has failed and takes no more; RunAsync rethrows why.
                commands.ForEach(c => c.Fail(_stopReason));
                return;
            }

            CrashPoints.Hit(CrashPoint.BatchSealed);
        }
    }

    /// <summary>By how much more than a pulse the last look is past.</summary>
    /// <param name="looked">When that was; now, from here on.</param>
    private TimeSpan Lateness(ref long looked)
    {
        var before = looked;
        looked = time.GetTimestamp();
        var late = time.GetElapsedTime(before, looked) - Pulse;
        return late > TimeSpan.Zero ? late : TimeSpan.Zero;
    }

    /// <summary>Runs what has come.</summary>
    /// <param name="ran">Gets the commands that were run, beside those of an earlier turn of the same batch.</param>
    /// <exception cref="StateBrokenException">A bug has left the state half changed.</exception>
    private void TakeTurn(DateTimeOffset now, bool ticks, List<LoopCommand> ran)
    {
        var turn = time.GetTimestamp();
        try
        {
            Advance(now, ticks, ran);
        }
        catch (Exception e)
        {
            // Nothing of this batch is stored, the sound part neither: nobody was told of it.
            var broken = new StateBrokenException(e);
            ran.ForEach(c => c.Fail(broken.Message));
            throw broken;
        }

        vitals.NoteTurn(time.GetElapsedTime(turn));
    }

    /// <summary>One round of the rules. What it throws is a bug that has left the state half changed.</summary>
    /// <param name="ran">Gets the commands that were begun.</param>
    private void Advance(DateTimeOffset now, bool ticks, List<LoopCommand> ran)
    {
        if (ticks)
        {
            state.Tick(now);
            audience.Reclaim(state.Reclaim(now));
        }

        var begun = time.GetTimestamp();
        while (ran.Count < MaxBatch && time.GetElapsedTime(begun) < LongTurn && _commands.Reader.TryRead(out var command))
        {
            ran.Add(command);
            command.Run(state, now);
            if (command.IsGlance)
            {
                ran.RemoveAt(ran.Count - 1);
                command.Succeed();
            }
        }

        // Where the links are at their end, a task that one of them gave back would be granted to it once more: an attempt of nobody.
        // And where the disk has less than half of its reserve, what runs already may need it.
        if (!sessions.AreLeaving && room?.IsVeryLow != true)
        {
            state.Place(now);
        }
        else
        {
            state.Continue(now);
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
            log.ClockStepped(step < TimeSpan.Zero ? "back" : "ahead", Words.Duration(step.Duration()));
            state.StepClock(step);
        }

        return (now, awakeNow);
    }

    private async Task CommitBatchesAsync()
    {
        try
        {
            _idle.Writer.TryWrite(true);
            await foreach (var batch in _batches.Reader.ReadAllAsync(CancellationToken.None))
            {
                await CommitAsync(batch);
                Interlocked.Decrement(ref _underWay);
                _idle.Writer.TryWrite(true);
            }
        }
        finally
        {
            _idle.Writer.TryComplete();
        }
    }

    private async Task CommitAsync(Batch batch)
    {
        try
        {
            if (batch.Changes.Count > 0)
            {
                var begun = time.GetTimestamp();

                // Output first: a result that is stored must never point at bytes that are not.
                await outputs.FlushAsync(CancellationToken.None);
                CrashPoints.Hit(CrashPoint.OutputFlushed);
                await store.CommitAsync(batch.Changes, CancellationToken.None);
                vitals.NoteCommit(time.GetElapsedTime(begun), batch.Changes.Count);
                CrashPoints.Hit(CrashPoint.Committed);
            }
        }
        catch (Exception e)
        {
            log.CommitFailed(e is StoreException ? e.Message : e.ToString());
            _stopReason = $"the server stops, and what was asked of it may not be kept: {e.Message}";
            _batches.Writer.TryComplete();
            batch.Commands.ForEach(c => c.Fail(_stopReason));
            while (_batches.Reader.TryRead(out var late))
            {
                late.Commands.ForEach(c => c.Fail(_stopReason));
            }

            throw;
        }

        audience.Tell(batch.Changes);
        CrashPoints.Hit(CrashPoint.Told);
        batch.Commands.ForEach(c => c.Succeed());
        CrashPoints.Hit(CrashPoint.Answered);
    }

    private sealed record Batch(IReadOnlyList<Change> Changes, List<LoopCommand> Commands);
}

/// <summary>The server takes no more commands. The message is for the caller.</summary>
internal sealed class LoopStoppedException(string reason) : Exception(reason);

/// <summary>A bug was met while the state was being changed. What is on disk is sound; what is in memory may not be. The message is for people.</summary>
internal sealed class StateBrokenException(Exception bug) : Exception(
    $"a bug has left the state in memory half changed, so the server stops ({bug.GetType().Name}: {bug.Message}). "
    + "Nothing that was answered is missing: start it again, and report what its log says", bug);
