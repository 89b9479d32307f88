using Artel.Core;

namespace Artel.Server.Loop;

/// <summary>Something to do on the state, with an answer that is given when what it did is durable.</summary>
internal abstract class LoopCommand
{
    /// <summary>Runs it, on the reader that owns the state.</summary>
    public abstract void Run(ClusterState state, DateTimeOffset now);

    /// <summary>Its batch is on disk: the caller gets its answer.</summary>
    public abstract void Succeed();

    /// <summary>Its batch is not on disk.</summary>
    public abstract void Fail();
}

internal sealed class LoopCommand<T>(Func<ClusterState, DateTimeOffset, T> run) : LoopCommand
{
    // Continuations run elsewhere: a slow caller must not hold up the committer.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _bug;

    public Task<T> Answer => _answer.Task;

    public override void Run(ClusterState state, DateTimeOffset now)
    {
        try
        {
            _result = run(state, now);
        }
        catch (Exception e)
        {
            // A bug in one command is its caller's to hear of. What it changed before it threw was applied and is stored.
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

    public override void Fail() => _answer.TrySetException(new LoopStoppedException());
}
