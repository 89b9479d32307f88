using Artel.Protocol.Client;
using Artel.Protocol.V1;

namespace Artel.Node.Link;

/// <summary>
/// Where the server is and how to recognise it, as it said last. Kept over restarts if the agent has a credential to keep it in. <see cref="Learn"/> is for
/// one caller at a time, the rest for any thread.
/// </summary>
internal sealed class KnownServer(NodeAgentOptions options) : IPinKeeper
{
    private volatile ServerPins _pins = options.Access.Pins;
    private volatile IReadOnlyList<string> _addresses = options.Access.Addresses;
    private NodeCredential? _credential = options.Credential;
    private NodeCredential? _saved = options.Credential;

    public ServerPins Pins => _pins;

    /// <summary>In the order in which to try them. An address that was given by hand is the only one.</summary>
    public IReadOnlyList<string> Addresses => options.Server is { } given ? [given] : _addresses;

    /// <summary>For channels: their handshakes ask for the pins of that moment.</summary>
    public ClusterAccess Access => options.Access with { Addresses = Addresses, Keeper = this };

    /// <summary>The server has said where it is and how to recognise it.</summary>
    /// <param name="identity">What it said. Null or without pins: nothing.</param>
    /// <param name="address">Where it was reached.</param>
    public void Learn(ServerIdentity? identity, string address)
    {
        if (identity is null || identity.Addresses.Count == 0 || !ServerPins.AreValid(identity.Pin, identity.NextPin))
            return;

        _pins = ServerPins.From(identity.Pin, identity.NextPin);
        // Its tickets leave out loopback. A node beside it needs that when the machine changes networks.
        var local = OwnAddress.LoopbackOf(address);
        if (_credential is null)
        {
            _addresses = [.. new[] { address }.Union(options.Access.Addresses).Union(identity.Addresses).Union(local)];
            return;
        }

        _credential = _credential.With(new ServerIdentity(identity) { Addresses = { local } }, address);
        _addresses = [.. _credential.Ticket.Addresses];
        if (_credential.Equals(_saved))
            return;

        try
        {
            _credential.Save(options.DataDirectory);
            _saved = _credential;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.ServerNotKept(options.Log, e.Message);
        }
    }

    /// <summary>Nodes are told over their link.</summary>
    public void Announced(CertificatePin next)
    {
    }

    public void Presented(CertificatePin pin)
    {
    }
}
