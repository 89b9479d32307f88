using System.Net;
using Artel.Server.Edge;
using Artel.Testing;
using Microsoft.AspNetCore.Connections;

namespace Artel.Server.Tests.Edge;

/// <summary>Who gives way if more connections come than there are places.</summary>
public sealed class ConnectionGateTests : IAsyncDisposable
{
    private const int Places = 20;

    private readonly ConnectionGate _gate = new(Places, TimeProvider.System);
    private readonly TaskCompletionSource _end = new();
    private readonly List<Task> _running = [];

    [Fact]
    public async Task A_flood_from_one_address_displaces_its_own_connections_and_nobody_elses()
    {
        var other = Connect("10.0.0.2");
        var flood = Enumerable.Range(0, 10 * Places).Select(_ => Connect("10.0.0.1")).ToArray();

        await Polling.UntilAsync(
            () => Task.FromResult(flood.Count(IsOpen)), open => open == (Places / 2) - 1, "all but the last ones had to go");
        Assert.True(IsOpen(other));
        Assert.All(flood[^((Places / 2) - 1)..], last => Assert.True(IsOpen(last)));
    }

    [Fact]
    public async Task All_addresses_of_one_ipv6_network_count_as_one()
    {
        var other = Connect("2001:db8:0:2::1");
        var flood = Enumerable.Range(1, 10 * Places).Select(i => Connect($"2001:db8:0:1::{i:x}")).ToArray();

        await Polling.UntilAsync(
            () => Task.FromResult(flood.Count(IsOpen)), open => open == (Places / 2) - 1, "all but the last ones had to go");
        Assert.True(IsOpen(other));
    }

    [Fact]
    public async Task A_trusted_connection_is_not_displaced_and_one_caller_has_at_most_half_of_the_places()
    {
        var trusted = Enumerable.Range(0, Places).Select(_ =>
        {
            var connection = Connect("10.0.0.3");
            _gate.TryTrust(connection.Features.Get<ConnectionSlot>()!, "ada", _gate.MostOfOne);
            return connection;
        }).ToArray();
        var flood = Enumerable.Range(0, 10 * Places).Select(_ => Connect("10.0.0.1")).ToArray();

        await Polling.UntilAsync(
            () => Task.FromResult(flood.Count(IsOpen)), open => open <= Places / 2, "the flood has half of the places at most");
        Assert.Equal(_gate.MostOfOne, trusted.Count(c => c.Features.Get<ConnectionSlot>()!.IsTrusted));
        Assert.All(trusted[.._gate.MostOfOne], c => Assert.True(IsOpen(c)));
    }

    [Fact]
    public async Task A_connection_that_ends_leaves_its_place_to_another()
    {
        for (var i = 0; i < 10 * Places; i++)
        {
            var connection = new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1) };
            await _gate.RunAsync(connection, _ => Task.CompletedTask);
        }

        var all = Enumerable.Range(0, Places / 2).Select(_ => Connect("127.0.0.1")).ToArray();

        Assert.All(all, c => Assert.True(IsOpen(c)));
    }

    public async ValueTask DisposeAsync()
    {
        _end.SetResult();
        await Task.WhenAll(_running);
    }

    private static bool IsOpen(ConnectionContext connection) => !connection.ConnectionClosed.IsCancellationRequested;

    private DefaultConnectionContext Connect(string address)
    {
        var connection = new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) };
        _running.Add(_gate.RunAsync(connection, _ => _end.Task));
        return connection;
    }
}
