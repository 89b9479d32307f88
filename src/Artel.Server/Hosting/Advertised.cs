using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Artel.Server.Hosting;

/// <summary>The addresses under which others reach the server, for tickets.</summary>
internal static class Advertised
{
    /// <summary>
    /// What to put into a ticket: the address it listens on, or if that is all of them, those of the machine's
    /// networks. Loopback and the bridges of containers lead nowhere from elsewhere: they are there only if nothing
    /// else is.
    /// </summary>
    public static IReadOnlyList<string> Of(ListenAddress listening) => listening.IsAny
        ? Of(listening.Port, NetworkInterface.GetAllNetworkInterfaces().Where(i => i.OperationalStatus == OperationalStatus.Up).Select(MachineNetwork.Of))
        : [listening.ToString()];

    /// <summary>How this machine reaches it, whatever its networks do. Null if it listens at one address.</summary>
    public static string? OnThisMachine(ListenAddress listening) => listening.IsAny ? Local(listening.Port) : null;

    internal static IReadOnlyList<string> Of(int port, IEnumerable<MachineNetwork> networks)
    {
        var known = networks.Where(n => !n.IsLoopback).ToList();
        List<string> outside = Texts(known.Where(n => !n.IsOfContainers), port);
        List<string> inside = outside.Count > 0 ? [] : Texts(known.Where(n => n.IsOfContainers), port);
        return outside.Count > 0 ? outside : [.. inside, Local(port)];
    }

    private static List<string> Texts(IEnumerable<MachineNetwork> networks, int port) =>
    [
        .. networks.SelectMany(n => n.Addresses).Where(IsSeenFromElsewhere)
            .Select(a => new IPEndPoint(a, port).ToString()).Distinct(),
    ];

    private static bool IsSeenFromElsewhere(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !IPAddress.IsLoopback(address) && address.GetAddressBytes() is not [169, 254, ..],
        AddressFamily.InterNetworkV6 => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal,
        _ => false,
    };

    private static string Local(int port) => new IPEndPoint(IPAddress.Loopback, port).ToString();
}

/// <summary>A network interface of this machine.</summary>
/// <param name="IsOfContainers">A bridge that only containers or virtual machines of this machine are connected
/// to.</param>
internal sealed record MachineNetwork(
    IReadOnlyList<IPAddress> Addresses, bool IsLoopback = false, bool IsOfContainers = false)
{
    public static MachineNetwork Of(NetworkInterface network) => new(
        [.. network.GetIPProperties().UnicastAddresses.Select(a => a.Address)],
        network.NetworkInterfaceType == NetworkInterfaceType.Loopback,
        OperatingSystem.IsLinux() && IsInnerBridge("/sys/class/net", network.Name));

    /// <summary>
    /// True for a bridge without a port that leads out of the machine: one with a device, or of a kind that stands on
    /// one (vlan, bond).
    /// Ends of pairs that containers have and taps of virtual machines are neither.
    /// </summary>
    /// <param name="interfaces">The folder that lists them (sysfs-class-net).</param>
    internal static bool IsInnerBridge(string interfaces, string name)
    {
        var ports = Path.Combine(interfaces, name, "brif");
        try
        {
            return Directory.Exists(ports) && Directory.EnumerateFileSystemEntries(ports).Select(Path.GetFileName).All(port =>
                !Directory.Exists(Path.Combine(interfaces, port!, "device"))
                && !File.ReadAllText(Path.Combine(interfaces, port!, "uevent")).Contains("DEVTYPE=", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
