using System.Threading.Channels;

namespace Artel.Server.Endings;

/// <summary>Says that jobs have ended that something follows. Whoever waits looks once, however many there were. Safe from any thread.</summary>
internal sealed class EndingSignal
{
    private readonly List<Channel<bool>> _listeners = [];

    /// <summary>Called before anything is looked at, and disposed when nobody waits any more.</summary>
    public Listener Listen()
    {
        var listener = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        lock (_listeners)
        {
            _listeners.Add(listener);
        }

        return new Listener(this, listener);
    }

    public void Tell()
    {
        lock (_listeners)
        {
            _listeners.ForEach(listener => listener.Writer.TryWrite(true));
        }
    }

    internal sealed class Listener(EndingSignal signal, Channel<bool> channel) : IDisposable
    {
        public ChannelReader<bool> Ends => channel.Reader;

        public void Dispose()
        {
            lock (signal._listeners)
            {
                signal._listeners.Remove(channel);
            }
        }
    }
}
