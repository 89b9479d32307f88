using System.CommandLine;
using Artel.Cli.Access;
using Artel.Cli.Nodes;
using Artel.Cli.Output;
using Artel.Cli.Processes;
using Artel.Node;
using Artel.Protocol.Client;
using Artel.Protocol.V1;
using Microsoft.Extensions.Logging;

namespace Artel.Cli.Commands;

/// <summary><c>artel node start</c></summary>
internal static class NodeStartCommand
{
    public static Command Create(Surroundings s)
    {
        var id = Amounts.NodeId("--id", "Name of the node; a map assigns tasks to it by this name.");
        var join = new Option<string?>("--join")
        {
            Description = "A token of role node; '-' reads it from standard input, @FILE from a file [ARTEL_JOIN]. Needed once: the node then has a credential of its own.",
            HelpName = "TOKEN",
        };
        var data = new Option<string?>("--data") { Description = "Folder of this node alone: credential, unsent results [ARTEL_HOME/node-ID].", HelpName = "DIR" };
        var withStdin = new Option<bool>("--stop-with-stdin") { Description = "Stop when standard input is closed, and not at Ctrl-C: for programs that start it." };
        var node = new NodeOptions();
        var logFormat = LogFormats.Option();
        var command = new Verb("start", "Make this machine a node, in the foreground, until Ctrl-C or SIGTERM.\nWhat runs is then ended and given to other nodes.")
        {
            Examples =
            [
                "artel node start --id render-07 --join TOKEN",
                "artel node start --id render-07 --join @token.txt",
                "artel node start --id render-07 --server 10.0.0.5:7070      # the server has moved",
                "artel node start --id render-07",
                "artel node start --id small --cpus 2 --memory 4GiB --label rack=4",
            ],
        };
        command.Add(id);
        command.Add(join);
        command.Add(data);
        node.AddTo(command);
        command.Add(logFormat);
        command.Add(withStdin);
        command.SetAction(async (parsed, ct) =>
        {
            var name = parsed.GetValue(id);
            var folder = parsed.GetValue(data) ?? (name is null ? null : s.Home.NodeFolder(name))
                ?? throw CommandFailure.WrongUsage("which node is this to be? Name it with --id, or its folder with --data");
            var format = LogFormats.Chosen(parsed, logFormat, s.Variable);
            var stopsWithStdin = parsed.GetValue(withStdin);
            if (stopsWithStdin)
                Exec.LeaveGroup();

            var server = (parsed.GetValue(s.Server) ?? s.Variable("ARTEL_SERVER")) is { Length: > 0 } named ? ConfiguredAccess.CheckedAddress(named) : null;
            var joinText = parsed.GetValue(join) ?? s.Variable("ARTEL_JOIN");
            string[] more = parsed.GetValue(join) is null && joinText is { Length: > 0 } ? ["--join", joinText] : [];
            var runAs = node.RunAs(parsed);
            return await Guarded.RunAsync(s, more, WorkAsync, runAs is not null, ct);

            async Task<int> WorkAsync(GuardedWork guarded, CancellationToken ct)
            {
                using var input = new StreamReader(Console.OpenStandardInput());
                var ticket = await TicketAsync(joinText, input, s.Terminal, ct);
                using var held = DataFolder.Open(Path.GetFullPath(folder), out var inUse);
                if (held is null)
                    throw new CommandFailure(ExitStatus.NotAllowed, inUse);

                using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
                if (stopsWithStdin)
                    StopWith(input, stop);

                try
                {
                    var credential = await NodeCredentials.ObtainAsync(name, held, ticket, server, s.Terminal, stop.Token);
                    var machine = node.Resources(parsed);
                    using var log = new NodeLog(s.Terminal, s.Clock, LogLevel.Information, format);
                    var agent = new NodeAgent(new NodeAgentOptions
                    {
                        Id = credential.Id,
                        DataDirectory = held.Path,
                        Folder = held,
                        Access = credential.Access,
                        Credential = credential,
                        Server = server,
                        Resources = machine.Amounts,
                        Gpus = machine.Gpus,
                        EnforcesMemory = node.EnforcesMemory(parsed),
                        Labels = node.Labels(parsed),
                        RunAs = runAs,
                        StarterProgram = Programs.Starter,
                        ScratchDirectory = node.Scratch(parsed),
                        AccessFile = s.Home.AccessFile,
                        Log = log,
                        Version = CommandTree.Version,
                        EndAtOnce = guarded.EndAtOnce,
                        Alarm = guarded.Alarm,
                    });
                    return StatusOf(await agent.RunAsync(stop.Token));
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested && !ct.IsCancellationRequested)
                {
                    // Its input was closed while it was still joining.
                    return ExitStatus.Done;
                }
            }
        });
        return command;
    }

    /// <summary>0 where it was stopped, here or by the server.</summary>
    public static int StatusOf(NodeAgentExit exit) =>
        exit.Kind == NodeAgentExitKind.Refused ? throw new CommandFailure(ExitStatus.NotAllowed, exit.Reason) : ExitStatus.Done;

    private static async Task<Ticket?> TicketAsync(string? join, StreamReader input, Terminal terminal, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(join))
            return null;

        if (join == "-" && !Console.IsInputRedirected)
            terminal.Note("Paste the token that 'artel token create --role node' printed:");

        var text = join == "-" ? await input.ReadLineAsync(ct) ?? "" : join.StartsWith('@') ? await ReadAsync(join[1..], ct) : join;
        var ticket = Tickets.Parse(text, out var error) ?? throw new CommandFailure(ExitStatus.NotAllowed, $"--join: {error}");
        return ticket;
    }

    private static async Task<string> ReadAsync(string file, CancellationToken ct)
    {
        try
        {
            return await File.ReadAllTextAsync(file, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.File("read", file, e);
        }
    }

    private static void StopWith(StreamReader input, CancellationTokenSource stop) => _ = Task.Run(async () =>
    {
        while (await input.ReadLineAsync(CancellationToken.None) is not null)
        {
        }

        await stop.CancelAsync();
    });
}
