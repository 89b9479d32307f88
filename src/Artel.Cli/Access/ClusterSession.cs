using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Artel.Cli.Access;

/// <summary>An open connection to the user's cluster, and what to say when it fails.</summary>
internal sealed class ClusterSession : IDisposable
{
    /// <summary>A server that has not answered a question of one message for this long is out of reach.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    private readonly GrpcChannel _channel;
    private readonly string _address;
    private readonly FoundServer? _found;
    private readonly TimeProvider _clock;
    private int _silent;

    private ClusterSession(ConfiguredAccess configured, string address, FoundServer? found, TimeProvider clock)
    {
        _channel = found is null
            ? ClusterChannel.Open(configured.Access, address)
            : ClusterChannel.Open(configured.Access, found);
        _address = address;
        _found = found;
        _clock = clock;
        Configured = configured;
        Client = new Cluster.ClusterClient(_channel.Authenticated(configured.Access.Secret));
    }

    public ConfiguredAccess Configured { get; }

    /// <summary><c>host:port</c> that answers.</summary>
    public string Address => _found?.Address ?? _address;

    public Cluster.ClusterClient Client { get; }

    /// <summary>
    /// Finds the server among its addresses, and again whenever the connection breaks. If there is only one, nothing is
    /// sent: the first call connects.
    /// </summary>
    public static async Task<ClusterSession> OpenAsync(ConfiguredAccess configured, TimeProvider clock, CancellationToken ct)
    {
        SystemAuthorities.Ignore();
        var addresses = configured.Access.Addresses;
        if (!ServerSearch.HasChoice(addresses))
            return new ClusterSession(configured, addresses[0], null, clock);

        try
        {
            var found = await ServerSearch.FindAsync(configured.Access, clock, ct);
            configured.Known?.Worked(addresses, found.Address);
            return new ClusterSession(configured, found.Address, found, clock);
        }
        catch (NoServerException e)
        {
            throw RpcFailure.Describe(e, configured);
        }
    }

    /// <summary>Options of a call with one answer.</summary>
    public CallOptions Question(CancellationToken ct) => new(deadline: (_clock.GetUtcNow() + AnswerTime).UtcDateTime, cancellationToken: ct);

    /// <summary>Options of a call that goes on as long as there is something to say.</summary>
    public static CallOptions Stream(CancellationToken ct) => new(cancellationToken: ct);

    /// <summary>Notes that the server has not answered a call; true for the first of several that wait for it at the same time.</summary>
    public bool FellSilent() => Interlocked.Exchange(ref _silent, 1) == 0;

    /// <summary>Notes that it has answered one.</summary>
    public void Answered() => Volatile.Write(ref _silent, 0);

    /// <summary>The failure of a call of this session.</summary>
    public CommandFailure Describe(RpcException e) => RpcFailure.Describe(e, Configured, Address);

    public void Dispose()
    {
        _channel.Dispose();
        _found?.Dispose();
    }
}
