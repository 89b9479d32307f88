using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Artel.Testing;

/// <summary>
/// Machines that share nothing but a network: one network namespace for each of them and one for the switch between, so that nothing
/// of it is seen from this machine's own network. Needs root; where a machine does not give it, a test is skipped, except on CI.
/// </summary>
public sealed partial class NetworkLab : IDisposable
{
    private const string Network = "10.77.0.";
    private const int NetworkNamespace = 0x40000000;
    private readonly string _suffix = RandomNumberGenerator.GetHexString(6, lowercase: true);
    private readonly List<string> _namespaces = [];
    private readonly string[] _machines;

    private NetworkLab(string[] machines) => _machines = machines;

    /// <param name="machines">Their addresses are counted from 10.77.0.1.</param>
    public static NetworkLab Create(params string[] machines)
    {
        var lab = TryCreate(out var lack, machines);
        SystemRights.Require(lack, "server and nodes are put into network namespaces, which can not be made here");
        return lab!;
    }

    /// <summary>The same for a program that can do without: null, and what is lacking, where it can not be made.</summary>
    public static NetworkLab? TryCreate(out string? lack, params string[] machines)
    {
        var lab = new NetworkLab(machines);
        lack = OperatingSystem.IsLinux() ? lab.Build() : "there are network namespaces only on Linux";
        if (lack is null)
        {
            return lab;
        }

        lab.Dispose();
        return null;
    }

    public string AddressOf(string machine) => $"{Network}{1 + Array.IndexOf(_machines, machine)}";

    /// <summary>The command line that runs a program on a machine, as the process that is started and not as a child of it.</summary>
    public (string Program, IEnumerable<string> Arguments) On(string machine, string program, IEnumerable<string> arguments) =>
        ("ip", ["netns", "exec", NameOf(machine), program, .. arguments]);

    /// <summary>Pulls the cable of a machine: what is sent is lost, and nobody is told.</summary>
    public void Cut(string machine) => SetPort(machine, "down");

    public void Mend(string machine) => SetPort(machine, "up");

    /// <summary>Drops what this machine sends to these addresses, without an error to the sender.</summary>
    /// <param name="network">The first three numbers of the addresses.</param>
    public void Swallow(string machine, string network) => Assert.Null(
        Ip(machine, "link", "add", "hole", "type", "veth", "peer", "name", "sink")
        ?? Ip(machine, "address", "add", $"{network}.254/24", "dev", "hole")
        ?? Ip(machine, "link", "set", "hole", "arp", "off")
        ?? Ip(machine, "link", "set", "sink", "up")
        ?? Ip(machine, "link", "set", "hole", "up"));

    /// <summary>Puts a queue, such as <c>tbf</c> or <c>netem</c>, before both ends of a machine's cable.</summary>
    /// <param name="queue">What <c>tc qdisc add … root</c> takes.</param>
    /// <returns>Why that can not be done here, or null.</returns>
    public string? Slow(string machine, params string[] queue) =>
        Tc("switch", ["qdisc", "replace", "dev", machine, "root", .. queue]) ?? Tc(machine, ["qdisc", "replace", "dev", "eth0", "root", .. queue]);

    /// <summary>Takes the queues away again.</summary>
    public void Quicken(string machine)
    {
        Tc("switch", "qdisc", "del", "dev", machine, "root");
        Tc(machine, "qdisc", "del", "dev", "eth0", "root");
    }

    /// <summary>A TCP socket of this process whose network is that of a machine.</summary>
    public Socket OpenSocket(string machine)
    {
        Socket? socket = null;

        // A thread of its own: the network belongs to the thread, and the socket keeps the one it was made in.
        var thread = new Thread(() =>
        {
            using var network = File.OpenHandle($"/run/netns/{NameOf(machine)}");
            if (EnterNamespace(network, NetworkNamespace) == 0)
            {
                socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            }
        });
        thread.Start();
        thread.Join();
        return socket ?? throw new InvalidOperationException($"there is no way into the network of {machine}");
    }

    public void Dispose()
    {
        foreach (var name in _namespaces)
        {
            // Its links go with it.
            SystemRights.Try("ip", "netns", "delete", name);
        }
    }

    private string? Build()
    {
        return Add("switch")
            ?? Ip("switch", "link", "add", "bridge", "type", "bridge")
            ?? Ip("switch", "link", "set", "bridge", "up")
            ?? _machines.Select(Connect).FirstOrDefault(lack => lack is not null);
    }

    private string? Connect(string machine) =>
        Add(machine)
        ?? Ip("switch", "link", "add", machine, "type", "veth", "peer", "name", "eth0", "netns", NameOf(machine))
        ?? Ip("switch", "link", "set", machine, "master", "bridge", "up")
        ?? Ip(machine, "address", "add", $"{AddressOf(machine)}/24", "dev", "eth0")
        ?? Ip(machine, "link", "set", "lo", "up")
        ?? Ip(machine, "link", "set", "eth0", "up");

    private string? Add(string machine)
    {
        var lack = SystemRights.Try("ip", "netns", "add", NameOf(machine));
        if (lack is null)
        {
            _namespaces.Add(NameOf(machine));
        }

        return lack;
    }

    private void SetPort(string machine, string state) => Assert.Null(Ip("switch", "link", "set", machine, state));

    private string? Tc(string machine, params string[] arguments) => SystemRights.Try("tc", ["-n", NameOf(machine), .. arguments]);

    private string? Ip(string machine, params string[] arguments) => SystemRights.Try("ip", ["-n", NameOf(machine), .. arguments]);

    private string NameOf(string machine) => $"artel-{_suffix}-{machine}";

    [LibraryImport("libc", EntryPoint = "setns")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int EnterNamespace(SafeFileHandle file, int kind);
}
