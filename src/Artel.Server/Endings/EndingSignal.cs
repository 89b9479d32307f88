using System.Threading.Channels;

namespace Artel.Server.Endings;

/// <summary>Says that jobs have ended that something follows. Whoever waits looks once, however many there were. Safe from any thread.</summary>
internal sealed class EndingSignal
{
    private readonly List<Channel<bool>> _listeners = [];

    /// <summary>Called before anything is told.</summary>
    public ChannelReader<bool> Listen()
    {
        var listener = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        lock (_listeners)
        {
            _listeners.Add(listener);
        }

        return listener.Reader;
    }

    public void Tell()
    {
        lock (_listeners)
        {
            _listeners.ForEach(listener => listener.Writer.TryWrite(true));
        }
    }
}
