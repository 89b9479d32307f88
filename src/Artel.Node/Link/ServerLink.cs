using Artel.Node.Leases;
using Artel.Node.Spool;
using Artel.Node.Work;
using Artel.Protocol.Client;
using Artel.Protocol.Text;
using Grpc.Net.Client;

namespace Artel.Node.Link;

/// <summary>
/// Keeps a link to the server as long as the agent lives: looks for it at all its addresses, with backoff between, and
/// begins each link by presenting what the node holds.
/// </summary>
internal sealed class ServerLink(
    NodeAgentOptions options, ulong incarnation, Workplace workplace, ResultSpool spool, LeaseTable leases)
{
    private readonly Backoff _backoff = new(options.FirstReconnectDelay, options.MaxReconnectDelay, options.Random);
    private readonly KnownServer _known = new(options);
    private readonly Lock _gate = new();
    private LinkSession? _session;
    private string? _goodbye;
    private int _nextAddress;

    /// <summary>The server wants the agent to end when nothing is left.</summary>
    public event Action? StopRequested;

    /// <summary>Returns when the server does not want this node, or the goodbye was said, or can not be said any more.</summary>
    public async Task<LinkEnd> RunAsync(CancellationToken ct)
    {
        while (true)
        {
            var (address, end) = await ConnectAsync(ct);
            if (end.Kind != LinkEndKind.Broken || IsLeaving())
                return end;

            // The address that worked is the first one from now on; one at which no link comes about is not.
            if (end.WasWelcome)
                _backoff.Reset();

            _nextAddress = end.WasWelcome ? 0 : _nextAddress + 1;

            var delay = _backoff.Next();
            Log.LinkDown(options.Log, address, end.Reason, Words.Duration(delay));
            await Task.Delay(delay, options.Time, ct);
        }
    }

    /// <summary>
    /// Says goodbye when everything was told and every result is settled, or <see cref="NodeAgentOptions.StopPatience"/> is over;
    /// then <see cref="RunAsync"/> returns. Without a link there is nobody to say it to. Returns whether it will be said.
    /// </summary>
    public bool SayGoodbye(string reason)
    {
        lock (_gate)
        {
            _goodbye = reason;
            _session?.SayGoodbye(reason);
            return _session is { IsWelcome: true };
        }
    }

    /// <summary>Whether the agent is about to end: then a link that breaks is not made again, as the server may be gone for good.</summary>
    private bool IsLeaving()
    {
        lock (_gate)
            return _goodbye is not null;
    }

    /// <summary>Makes a link, and returns its end and where it went.</summary>
    private async Task<(string Address, LinkEnd End)> ConnectAsync(CancellationToken ct)
    {
        var known = _known.Addresses;
        string[] addresses = [.. known.Skip(_nextAddress % known.Count), .. known.Take(_nextAddress % known.Count)];
        var access = _known.Access with { Addresses = addresses };
        if (!ServerSearch.HasChoice(addresses))
        {
            using var direct = ClusterChannel.Open(access, addresses[0]);
            return (addresses[0], await RunSessionAsync(addresses[0], direct, ct));
        }

        try
        {
            using var found = await ServerSearch.FindAsync(access, options.Time, ct);
            using var channel = ClusterChannel.Open(access, found);
            return (found.Address, await RunSessionAsync(found.Address, channel, ct));
        }
        catch (NoServerException e)
        {
            var end = new LinkEnd(LinkEndKind.Broken, LinkFailure.Describe(e), WasWelcome: false);
            return (string.Join(", ", addresses), end);
        }
    }

    private async Task<LinkEnd> RunSessionAsync(string address, GrpcChannel channel, CancellationToken ct)
    {
        await using var session = new LinkSession(
            options with { Access = _known.Access }, address, _known, channel, workplace, spool, leases);
        session.StopRequested += () => StopRequested?.Invoke();
        lock (_gate)
        {
            _session = session;
            if (_goodbye is { } reason)
                session.SayGoodbye(reason);
        }

        try
        {
            return await session.RunAsync(incarnation, ct);
        }
        finally
        {
            lock (_gate)
            {
                _session = null;
            }
        }
    }
}
