using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Artel.Testing;

/// <summary>A port of loopback that refuses connections: it is taken, so that nobody else gets it, and does not listen.</summary>
public sealed class ClosedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public string Host => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Gives the port to whoever listens on it next.</summary>
    public void Dispose() => _socket.Dispose();
}
