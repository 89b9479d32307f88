using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Output;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary>What every command stands in: the terminal, the environment, the clock, and the cluster that the user's settings name.</summary>
internal sealed class Surroundings(Terminal terminal, TimeProvider clock, Signals signals, Func<string, string?> variable) : IDisposable
{
    private ClusterSession? _session;

    public Terminal Terminal => terminal;

    public TimeProvider Clock => clock;

    public Signals Signals => signals;

    public Func<string, string?> Variable => variable;

    public ArtelHome Home { get; } = ArtelHome.Of(variable);

    public Option<string?> Server { get; } = new("--server")
    {
        Description = "host:port of the cluster [ARTEL_SERVER].",
        HelpName = "HOST:PORT",
        Recursive = true,
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description = "A token of the cluster; better in ARTEL_TOKEN, since others on this machine can see the arguments of a process.",
        HelpName = "TOKEN",
        Recursive = true,
    };

    /// <summary>The cluster that is configured, or null.</summary>
    public ConfiguredAccess? FindAccess(ParseResult parsed) =>
        ConfiguredAccess.Find(parsed.GetValue(Server), parsed.GetValue(Token), variable, Home);

    /// <summary>Connects to the configured cluster. Closed with the surroundings.</summary>
    public async Task<ClusterSession> ConnectAsync(ParseResult parsed, CancellationToken ct)
    {
        var configured = FindAccess(parsed) ?? throw new CommandFailure(
            ExitStatus.NoCluster,
            "no cluster is configured: 'artel up' starts one on this machine, 'artel run MAP' needs none; for one elsewhere set ARTEL_TOKEN ('artel help environment')");
        return await ConnectAsync(configured, ct);
    }

    public async Task<ClusterSession> ConnectAsync(ConfiguredAccess configured, CancellationToken ct) =>
        _session = await ClusterSession.OpenAsync(configured, clock, ct);

    /// <summary>What a failed call of this command means.</summary>
    public CommandFailure Describe(RpcException e) =>
        _session?.Describe(e) ?? new CommandFailure(ExitStatus.NoCluster, $"a call failed ({e.StatusCode}): {e.Status.Detail}");

    public void Dispose() => _session?.Dispose();
}
