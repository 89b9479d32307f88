using System.Net;
using System.Net.Sockets;
using Artel.Server.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Artel.Server.Edge;

/// <summary>
/// The connections of all listeners. Those over which nobody was authenticated yet are newcomers: they get half of all places and a limited time. Where a
/// newcomer has no place, the oldest one has to go of the address that has most of them, so that who floods the server displaces himself. Safe from
/// any thread.
/// </summary>
internal sealed class ConnectionGate(int most, TimeProvider time)
{
    /// <summary>Longest a connection may last without an authenticated call. Then it is asked to end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take to do so.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private const int MostLeaving = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedList<ConnectionSlot>> _newcomers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _trusted = new(StringComparer.Ordinal);
    private readonly int _mostNewcomers = most / 2;
    private int _newcomerCount;
    private int _trustedCount;

    /// <summary>One caller has at most so many places; its further connections stay newcomers.</summary>
    public int MostOfOne { get; } = most / 2;

    /// <summary>The places that classic nodes get: nobody authenticates them.</summary>
    public int MostClassic { get; } = most / 4;

    /// <param name="connections">That the web server allows. Some of them are left for those that are being closed.</param>
    public static ConnectionGate For(int connections, TimeProvider time) =>
        new(connections - Math.Max(connections / 8, Math.Min(connections / 4, MostLeaving)), time);

    /// <summary>Lets a connection in and keeps its place until it has ended.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var slot = new ConnectionSlot(this, connection, AddressOf(connection.RemoteEndPoint));
        if (!TryAdd(slot))
        {
            connection.Abort(new ConnectionAbortedException("all connections are in use"));
            return;
        }

        connection.Features.Set(slot);
        using var alarm = time.CreateTimer(_ => slot.RunOut(), null, Patience, Farewell);
        slot.Alarm = alarm;
        try
        {
            await next(connection);
        }
        finally
        {
            Remove(slot);
        }
    }

    /// <summary>Gives a newcomer a place of its own.</summary>
    /// <returns>False if this caller has as many as one may have.</returns>
    internal bool TryTrust(ConnectionSlot slot, string caller, int most)
    {
        lock (_gate)
        {
            if (slot.Place.List is null || _trusted.GetValueOrDefault(caller) >= most)
            {
                return false;
            }

            RemoveNewcomer(slot);
            slot.Caller = caller;
            _trusted[caller] = _trusted.GetValueOrDefault(caller) + 1;
            _trustedCount++;
        }

        slot.Rest();
        return true;
    }

    private bool TryAdd(ConnectionSlot slot)
    {
        ConnectionSlot? displaced = null;
        lock (_gate)
        {
            if (_newcomerCount >= _mostNewcomers || _newcomerCount + _trustedCount >= most)
            {
                if (_newcomerCount == 0)
                {
                    return false;
                }

                displaced = _newcomers.Values.MaxBy(n => n.Count)!.First!.Value;
                RemoveNewcomer(displaced);
            }

            if (!_newcomers.TryGetValue(slot.Address, out var same))
            {
                _newcomers[slot.Address] = same = [];
            }

            same.AddLast(slot.Place);
            _newcomerCount++;
        }

        displaced?.Connection.Abort(new ConnectionAbortedException("too many connections without an authenticated call"));
        return true;
    }

    private void Remove(ConnectionSlot slot)
    {
        lock (_gate)
        {
            if (slot.Place.List is not null)
            {
                RemoveNewcomer(slot);
            }
            else if (slot.Caller is { } caller)
            {
                _trustedCount--;
                if (--_trusted[caller] is 0)
                {
                    _trusted.Remove(caller);
                }
            }
        }
    }

    private void RemoveNewcomer(ConnectionSlot slot)
    {
        var same = _newcomers[slot.Address];
        same.Remove(slot.Place);
        _newcomerCount--;
        if (same.Count == 0)
        {
            _newcomers.Remove(slot.Address);
        }
    }

    /// <summary>By whom newcomers are counted: an address, of IPv6 the network that one host has all of (RFC 4291, section 2.5.4).</summary>
    private static string AddressOf(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address })
        {
            return "";
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}

/// <summary>The place of one connection: a feature of it, and so of each request over it.</summary>
internal sealed class ConnectionSlot
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);

    private readonly ConnectionGate _gate;
    private bool _wasAsked;

    public ConnectionSlot(ConnectionGate gate, ConnectionContext connection, string address)
    {
        (_gate, Connection, Address) = (gate, connection, address);
        Place = new LinkedListNode<ConnectionSlot>(this);
    }

    public ConnectionContext Connection { get; }

    public string Address { get; }

    /// <summary>Somebody was authenticated over it.</summary>
    public bool IsTrusted => Caller is not null;

    /// <summary>Among the newcomers. For the gate.</summary>
    internal LinkedListNode<ConnectionSlot> Place { get; }

    /// <summary>Whose it is. For the gate.</summary>
    internal string? Caller { get; set; }

    internal ITimer? Alarm { get; set; }

    /// <summary>It was answered without its body being read: it ends as soon as the answer has arrived.</summary>
    public void EndSoon()
    {
        _wasAsked = true;
        Alarm?.Change(AnswerTime, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Its time is not limited any more.</summary>
    internal void Rest() => Alarm?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Notes that a call over this connection was let in.</summary>
    public void Trust(Principal principal)
    {
        if (Caller is null)
        {
            _gate.TryTrust(this, principal.Node is { } node ? "node " + node : principal.Token, _gate.MostOfOne);
        }
    }

    /// <summary>Notes that it is a classic node's.</summary>
    /// <returns>False if there are as many as there may be.</returns>
    public bool TryTrustClassic() => _gate.TryTrust(this, "classic", _gate.MostClassic);

    /// <summary>Its time is over: first a request to end, then the end.</summary>
    internal void RunOut()
    {
        if (!_wasAsked && Connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            _wasAsked = true;
            lifetime.RequestClose();
            return;
        }

        Connection.Abort(new ConnectionAbortedException("no authenticated call"));
    }
}
