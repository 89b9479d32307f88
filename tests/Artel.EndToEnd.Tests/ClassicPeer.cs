using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Artel.EndToEnd.Tests;

/// <summary>The far side of a classic connection, byte by byte as a test wants it.</summary>
internal sealed class ClassicPeer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TcpClient _client = new() { NoDelay = true };

    public static async Task<ClassicPeer> ConnectAsync(IPEndPoint server)
    {
        var peer = new ClassicPeer();
        await peer._client.ConnectAsync(server);
        return peer;
    }

    public async Task SendAsync(string bytes) => await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes));

    /// <summary>Each byte in a packet of its own.</summary>
    public async Task SendSlowlyAsync(string bytes)
    {
        foreach (var b in Encoding.Latin1.GetBytes(bytes))
        {
            await _client.GetStream().WriteAsync(new[] { b });
        }
    }

    /// <summary>Exactly so many bytes.</summary>
    public async Task<string> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await _client.GetStream().ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
        return Encoding.Latin1.GetString(bytes);
    }

    /// <summary>Reads a task, which must be this one.</summary>
    public async Task ExpectTaskAsync(params string[] arguments)
    {
        var pickle = Pickle(arguments);
        Assert.Equal(pickle, await ReadAsync(pickle.Length));
    }

    public async Task ExpectOkAsync() => Assert.Equal("OK", await ReadAsync(2));

    /// <summary>Waits for the server to close the connection, and gives what it said before.</summary>
    public async Task<string> UntilClosedAsync()
    {
        var said = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await _client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(Patience) is > 0 and var read)
            {
                said.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Closed with a reset: there was something the server did not read any more.
            return said.ToString();
        }

        return said.ToString();
    }

    /// <summary>Whether the server has closed it by now.</summary>
    public bool IsClosed()
    {
        try
        {
            return _client.Client.Poll(0, SelectMode.SelectRead) && _client.Client.Receive(new byte[1], SocketFlags.Peek) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>As docs/classic-protocol.md has it.</summary>
    private static string Pickle(string[] arguments)
    {
        var pickle = new StringBuilder("\x80\x02](");
        foreach (var argument in arguments)
        {
            var bytes = Encoding.UTF8.GetBytes(argument);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            pickle.Append('X').Append(Encoding.Latin1.GetString(length)).Append(Encoding.Latin1.GetString(bytes));
        }

        return pickle.Append("e.").ToString();
    }
}
