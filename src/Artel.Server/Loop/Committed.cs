namespace Artel.Server.Loop;

/// <summary>Wakes those who read what is stored when there is more of it. Safe from any thread.</summary>
internal sealed class Committed
{
    private TaskCompletionSource _next = Make();

    /// <summary>Completes when something is committed next.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Tell() => Interlocked.Exchange(ref _next, Make()).TrySetResult();

    private static TaskCompletionSource Make() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
