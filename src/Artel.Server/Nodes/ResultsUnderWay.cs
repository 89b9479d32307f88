using Artel.Server.Nodes.Messages;

namespace Artel.Server.Nodes;

/// <summary>
/// The messages with results of one link that are dealt with side by side: what is in one waits for the disk, and the next may go with
/// the same commit. No more than a few, which bounds what a node can have in memory here. Used by the reader of the link only.
/// </summary>
/// <param name="take">Deals with one, to the end.</param>
internal sealed class ResultsUnderWay(Func<NodeEnded, CancellationToken, Task> take)
{
    /// <summary>Messages, of at most 256 KiB each where the node is an ordinary one.</summary>
    public const int MostAtOnce = 4;

    private readonly Queue<Task> _messages = new();

    /// <summary>Begins with a message, when there is room for it. Throws what an earlier one has failed with.</summary>
    public async Task AddAsync(NodeEnded message, CancellationToken cancellation)
    {
        await ThrowFailedAsync();
        while (_messages.Count >= MostAtOnce)
        {
            await _messages.Dequeue();
        }

        _messages.Enqueue(take(message, cancellation));
    }

    /// <summary>
    /// Throws what one has failed with, without waiting. To be called with every message: the link has to end then, else its node would wait for
    /// ever to be told that the result is stored.
    /// </summary>
    public async Task ThrowFailedAsync()
    {
        while (_messages.TryPeek(out var first) && first.IsCompleted)
        {
            await _messages.Dequeue();
        }
    }

    /// <summary>Waits until all are dealt with. Throws what one has failed with.</summary>
    public async Task FinishAsync()
    {
        var all = Task.WhenAll(_messages);
        _messages.Clear();
        await all;
    }
}
