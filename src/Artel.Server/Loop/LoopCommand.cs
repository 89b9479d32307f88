using Artel.Core;

namespace Artel.Server.Loop;

/// <summary>Something to do on the state, with an answer that is given when what it did is durable.</summary>
internal abstract class LoopCommand
{
    /// <summary>A question whose answer need not wait until what it saw is on disk.</summary>
    public abstract bool IsGlance { get; }

    /// <summary>Runs it, on the reader that owns the state.</summary>
    /// <exception cref="Exception">
    /// A bug, after something was changed: nobody knows what else was to be changed with it, so the state must not be used any more.
    /// </exception>
    public abstract void Run(ClusterState state, DateTimeOffset now);

    /// <summary>Its batch is on disk: the caller gets its answer.</summary>
    public abstract void Succeed();

    /// <summary>Its batch is not on disk.</summary>
    /// <param name="reason">For the caller.</param>
    public abstract void Fail(string reason);
}

internal sealed class LoopCommand<T>(Func<ClusterState, DateTimeOffset, T> run, bool isGlance) : LoopCommand
{
    // Continuations run elsewhere: a slow caller must not hold up the committer.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _bug;

    public Task<T> Answer => _answer.Task;

    public override bool IsGlance => isGlance;

    public override void Run(ClusterState state, DateTimeOffset now)
    {
        var before = state.UntakenChanges;
        try
        {
            _result = run(state, now);
        }
        catch (Exception e) when (state.UntakenChanges == before)
        {
            // It threw before it changed anything: it is its caller's to hear of, and all others go on.
            _bug = e;
        }
    }

    public override void Succeed()
    {
        if (_bug is not null)
        {
            _answer.TrySetException(_bug);
        }
        else
        {
            _answer.TrySetResult(_result!);
        }
    }

    public override void Fail(string reason) => _answer.TrySetException(new LoopStoppedException(reason));
}
