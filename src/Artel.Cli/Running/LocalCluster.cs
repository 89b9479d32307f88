using System.Net;
using System.Text.Json;
using Artel.Cli.Access;
using Artel.Cli.Commands;
using Artel.Cli.Json;
using Artel.Cli.Nodes;
using Artel.Cli.Processes;
using Artel.Node;
using Artel.Node.Accounts;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Artel.Cli.Running;

/// <summary>The cluster of <c>artel up</c>: artel-server as a child process, and a node agent in this one.</summary>
internal sealed class LocalCluster(Surroundings s)
{
    private static readonly TimeSpan ServerGrace = TimeSpan.FromSeconds(20);

    /// <summary>For the node of this process, which joins right after.</summary>
    private static readonly TimeSpan JoinTime = TimeSpan.FromMinutes(2);

    public required IReadOnlyList<string> ServerArguments { get; init; }

    public required string NodeId { get; init; }

    /// <summary>What the node has.</summary>
    public required MachineResources Machine { get; init; }

    public required bool EnforcesMemory { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>As which accounts tasks run; null: as this process.</summary>
    public required RunAs? RunAs { get; init; }

    /// <summary>The folder for scratch folders; null: the usual one.</summary>
    public required string? Scratch { get; init; }

    public required bool Json { get; init; }

    public required LogFormat LogFormat { get; init; }

    /// <summary>Runs until it is stopped, or the server ends.</summary>
    /// <param name="guarded">Of the agent.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<int> RunAsync(GuardedWork guarded, CancellationToken ct)
    {
        // Asked here too: where it is missing, no child should have to say so.
        Programs.Server(s.Variable);
        await using var server = ChildProcess.Start(
            "artel-server", Programs.Artel, ["server", "start", .. ServerArguments, "--json", "--stop-with-stdin"], log: null);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task<NodeAgentExit>? agent = null;
        try
        {
            var line = await server.ReadLineAsync(ct);
            if (line is null)
            {
                await server.Exited.WaitAsync(ct);
                // It has said on the same terminal what it was given wrong.
                return server.ExitCode == ExitStatus.WrongUsage ? ExitStatus.WrongUsage : throw await server.DescribeDeathAsync();
            }

            var ready = JsonSerializer.Deserialize(line, ArtelJson.OneLine.ServerReadyJson)!;
            var here = Reachable(ready.Listening);
            var session = await ConnectAsync(ready, here, ct);
            var join = await session.Client.CreateTokenAsync(
                new CreateTokenRequest { Role = Role.Node, Name = "artel up", Node = NodeId, ValidFor = Duration.FromTimeSpan(JoinTime) }, session.Question(ct));
            agent = await StartNodeAsync(join.Ticket, here, guarded, stop.Token);
            var at = IPEndPoint.TryParse(ready.Listening, out var parsed) ? parsed : null;
            Announce(ready, at);
            return await WorkAsync(server, agent, ct);
        }
        finally
        {
            // The node first: it hands over what it has while the server still takes it.
            await stop.CancelAsync();
            if (agent is not null)
                await ((Task)agent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            await server.StopAsync(ServerGrace, s.Clock);
        }
    }

    private async Task<int> WorkAsync(ChildProcess server, Task<NodeAgentExit> agent, CancellationToken ct)
    {
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, s.Clock, ct);
        var first = await Task.WhenAny(server.Exited, agent, stopped);
        if (first == agent && !ct.IsCancellationRequested)
        {
            var exit = await agent;
            NodeStartCommand.StatusOf(exit);
            s.Terminal.Warn($"node {NodeId} has left ({exit.Reason}); the server goes on");
            first = await Task.WhenAny(server.Exited, stopped);
        }

        if (first == server.Exited && server.ExitCode != 0)
            throw await server.DescribeDeathAsync();

        // Stopped here, or by 'artel server stop'.
        return ExitStatus.Done;
    }

    private async Task<ClusterSession> ConnectAsync(ServerReadyJson ready, string address, CancellationToken ct)
    {
        var ticket = Tickets.Parse(await File.ReadAllTextAsync(ready.AccessFile, ct), out var error)
            ?? throw new InvalidOperationException($"the server's access file: {error}");
        var access = ClusterAccess.From(ticket) with { Addresses = [address] };
        return await s.ConnectAsync(new ConfiguredAccess(access, ready.AccessFile), ct);
    }

    private async Task<Task<NodeAgentExit>> StartNodeAsync(string ticketText, string address, GuardedWork guarded, CancellationToken ct)
    {
        var folder = DataFolder.Open(s.Home.NodeFolder(NodeId), out var inUse) ?? throw new CommandFailure(ExitStatus.NotAllowed, inUse);
        var ticket = Tickets.Parse(ticketText, out var error) ?? throw new InvalidOperationException($"the server's token: {error}");
        NodeCredential credential;
        try
        {
            credential = await NodeCredentials.ObtainAsync(NodeId, folder, ticket, address, s.Terminal, ct);
        }
        catch
        {
            folder.Dispose();
            throw;
        }

        var log = new NodeLog(s.Terminal, s.Clock, LogLevel.Warning, LogFormat);
        var options = new NodeAgentOptions
        {
            Id = NodeId,
            DataDirectory = folder.Path,
            Folder = folder,
            Access = credential.Access,
            Credential = credential,
            Server = address,
            Resources = Machine.Amounts,
            Gpus = Machine.Gpus,
            EnforcesMemory = EnforcesMemory,
            Labels = Labels,
            RunAs = RunAs,
            StarterProgram = Programs.Starter,
            ScratchDirectory = Scratch,
            AccessFile = s.Home.AccessFile,
            Log = log,
            Version = CommandTree.Version,
            EndAtOnce = guarded.EndAtOnce,
            Alarm = guarded.Alarm,
        };
        return RunAsync();

        async Task<NodeAgentExit> RunAsync()
        {
            using (folder)
            using (log)
                return await new NodeAgent(options).RunAsync(ct);
        }
    }

    private void Announce(ServerReadyJson ready, IPEndPoint? at)
    {
        if (Json)
        {
            s.Terminal.Print(ArtelJson.Write(new UpJson(ready.Listening, NodeId, ready.AccessFile), j => j.UpJson, indented: false));
            return;
        }

        s.Terminal.Note($"Artel is up at {ready.Listening} with node {NodeId}. Ctrl-C stops it; jobs are kept in {ready.Data}.");
        s.Terminal.Note("In another terminal:  artel submit -- echo hello");
        if (ready.Dashboard is not null)
            s.Terminal.Note("To look at it:        artel dashboard");

        if (at is not null && IPAddress.IsLoopback(at.Address))
        {
            s.Terminal.Note($"For other machines:   artel up --listen 0.0.0.0:{at?.Port ?? 7070}");
            return;
        }

        s.Terminal.Note("To add a machine:      artel token create --role node     here, in another terminal: prints a token");
        s.Terminal.Note("                       artel node start --id NAME --join -     there: reads the token");
    }

    /// <summary>How this machine reaches a server that listens on all of its addresses.</summary>
    internal static string Reachable(string listening) =>
        !IPEndPoint.TryParse(listening, out var at) ? listening
        : at.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, at.Port).ToString()
        : at.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, at.Port).ToString()
        : listening;
}
