using System.Net;
using System.Net.Sockets;

namespace Artel.Testing;

/// <summary>
/// Passes connections on to a server. Of the first one it drops everything that the server sends once the client has
/// sent so much that a request must be among it: the request arrives, its answer does not. Then the test cuts that
/// connection.
/// </summary>
public sealed class AnswerlessProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IPEndPoint _server;
    private readonly long _bytes;
    private readonly Task _accepting;

    private AnswerlessProxy(IPEndPoint server, long bytes)
    {
        (_server, _bytes) = (server, bytes);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>HOST:PORT to connect to.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>How many connections there were so far.</summary>
    public int Connections { get; private set; }

    /// <param name="bytes">After so many bytes of the client the server is not heard any more.</param>
    public static AnswerlessProxy Start(string server, long bytes) => new(IPEndPoint.Parse(server), bytes);

    /// <summary>Ends the first connection.</summary>
    public void Cut() => _cut.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                passing.Add(PassAsync(client, isFirst: ++Connections == 1));
            }
        }
        finally
        {
            await Task.WhenAll(passing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(TcpClient client, bool isFirst)
    {
        using var server = new TcpClient();
        using (client)
        {
            await server.ConnectAsync(_server, _stop.Token);
            var sent = 0L;
            var up = CopyAsync(client.GetStream(), server.GetStream(), count => Interlocked.Add(ref sent, count) > 0);
            var down = CopyAsync(server.GetStream(), client.GetStream(), _ => !isFirst || Interlocked.Read(ref sent) < _bytes);
            await Task.WhenAny(isFirst ? [up, down, _cut.Task] : [up, down]);
        }
    }

    /// <param name="passes">Whether what was read goes on, by its number of bytes.</param>
    private async Task CopyAsync(NetworkStream from, NetworkStream to, Func<int, bool> passes)
    {
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await from.ReadAsync(buffer, _stop.Token)) > 0)
        {
            if (passes(count))
                await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }
}
