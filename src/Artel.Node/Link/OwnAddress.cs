using System.Net;
using System.Net.Sockets;

namespace Artel.Node.Link;

/// <summary>Tells whether an address is this machine's own.</summary>
internal static class OwnAddress
{
    /// <summary>The same port by loopback, if <c>host:port</c> is an address of this machine. Otherwise, and for
    /// names, nothing.</summary>
    public static string[] LoopbackOf(string address)
    {
        if (!IPEndPoint.TryParse(address, out var point) || IPAddress.IsLoopback(point.Address))
            return [];

        try
        {
            // Only what is the machine's own can be bound to.
            using var probe = new Socket(point.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Bind(new IPEndPoint(point.Address, 0));
            return [new IPEndPoint(IPAddress.Loopback, point.Port).ToString()];
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
