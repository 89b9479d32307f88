using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Artel.Server.Hosting;

/// <summary>The addresses under which others reach the server, for tickets.</summary>
internal static class Advertised
{
    /// <summary>What to put into a ticket: the address it listens on, or where that is all of them, those of the machine's networks and loopback last.</summary>
    public static IReadOnlyList<string> Of(ListenAddress listening)
    {
        if (!listening.IsAny)
        {
            return [listening.ToString()];
        }

        var addresses = NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork || (a.AddressFamily == AddressFamily.InterNetworkV6 && !a.IsIPv6LinkLocal))
            .Append(IPAddress.Loopback);
        return [.. addresses.Select(a => new IPEndPoint(a, listening.Port).ToString()).Distinct()];
    }
}
