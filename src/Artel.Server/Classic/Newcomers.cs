using Microsoft.AspNetCore.Connections;

namespace Artel.Server.Classic;

/// <summary>
/// Connections that have not said yet who they are, no more than a few. Where one too many comes, the oldest has to go: a node says its
/// number at once, so those who sit there longest are the least likely to. Safe from any thread.
/// </summary>
internal sealed class Newcomers(int most)
{
    private readonly LinkedList<ConnectionContext> _waiting = [];
    private readonly Lock _gate = new();

    public LinkedListNode<ConnectionContext> Add(ConnectionContext connection)
    {
        LinkedListNode<ConnectionContext> place;
        ConnectionContext? oldest = null;
        lock (_gate)
        {
            place = _waiting.AddLast(connection);
            if (_waiting.Count > most)
            {
                oldest = _waiting.First!.Value;
                _waiting.RemoveFirst();
            }
        }

        oldest?.Abort(new ConnectionAbortedException("too many connections that say nothing"));
        return place;
    }

    /// <summary>It has said who it is, or has gone.</summary>
    public void Remove(LinkedListNode<ConnectionContext> place)
    {
        lock (_gate)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
            }
        }
    }
}
