using System.Threading.Channels;

namespace Artel.Node.Link;

/// <summary>Wakes the one who waits; setting it again before that changes nothing. Setting it is never too late: there is nothing to dispose.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>Waits until it is set, and takes that back. For one waiter at a time.</summary>
    public async Task WaitAsync(CancellationToken ct) => await _channel.Reader.ReadAsync(ct);
}
