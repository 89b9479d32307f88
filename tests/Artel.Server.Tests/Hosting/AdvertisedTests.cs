using System.Net;
using Artel.Server.Hosting;

namespace Artel.Server.Tests.Hosting;

/// <summary>Which addresses tickets name.</summary>
public sealed class AdvertisedTests
{
    private static readonly MachineNetwork Loopback = new(
        [IPAddress.Loopback, IPAddress.IPv6Loopback], IsLoopback: true);
    private static readonly MachineNetwork Containers = Network("172.17.0.1") with { IsOfContainers = true };

    [Fact]
    public void Only_addresses_that_others_can_reach_are_named() => Assert.Equal(
        ["10.0.0.5:7070", "[2001:db8::5]:7070"],
        Advertised.Of(7070, [Loopback, Containers, Network("10.0.0.5", "2001:db8::5", "fe80::1", "169.254.3.4")]));

    [Fact]
    public void Without_any_those_that_lead_somewhere_on_this_machine_are()
    {
        Assert.Equal(["127.0.0.1:7070"], Advertised.Of(7070, [Loopback, Network("169.254.3.4")]));
        Assert.Equal(["172.17.0.1:7070", "127.0.0.1:7070"], Advertised.Of(7070, [Loopback, Containers]));
    }

    [Fact]
    public void A_server_that_listens_at_one_address_names_that()
    {
        var listening = ListenAddress.Parse("127.0.0.1:7070", out _)!;

        Assert.Equal(["127.0.0.1:7070"], Advertised.Of(listening));
        Assert.Null(Advertised.OnThisMachine(listening));
        Assert.Equal("127.0.0.1:7070", Advertised.OnThisMachine(ListenAddress.Parse("0.0.0.0:7070", out _)!));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("veth1", true)]
    [InlineData("veth1 eth0", false)]
    [InlineData("vlan7", false)]
    public void A_bridge_without_a_port_that_leads_out_is_one_of_containers(string ports, bool isInner)
    {
        var root = Directory.CreateTempSubdirectory("artel-test-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "br0", "brif"));
            Directory.CreateDirectory(Path.Combine(root, "eth0", "device"));
            foreach (var (name, kind) in new[] { ("eth0", ""), ("veth1", ""), ("vlan7", "DEVTYPE=vlan\n") })
            {
                Directory.CreateDirectory(Path.Combine(root, name));
                File.WriteAllText(Path.Combine(root, name, "uevent"), $"{kind}INTERFACE={name}\n");
            }

            foreach (var port in ports.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                Directory.CreateDirectory(Path.Combine(root, "br0", "brif", port));

            Assert.Equal(isInner, MachineNetwork.IsInnerBridge(root, "br0"));
            Assert.False(MachineNetwork.IsInnerBridge(root, "eth0"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static MachineNetwork Network(params string[] addresses) => new([.. addresses.Select(IPAddress.Parse)]);
}
