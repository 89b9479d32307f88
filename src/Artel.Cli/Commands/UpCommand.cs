using System.CommandLine;
using Artel.Cli.Nodes;
using Artel.Cli.Running;
using Artel.Protocol.Maps;

namespace Artel.Cli.Commands;

/// <summary><c>artel up</c></summary>
internal static class UpCommand
{
    public static Command Create(Surroundings s)
    {
        var server = new ServerOptions();
        var id = Amounts.NodeId("--id", "Name of the node on this machine [the host's name].");
        var node = new NodeOptions();
        var json = new Option<bool>("--json") { Description = "Print one line of JSON when the cluster is up." };
        var command = new Verb(
            "up",
            "Start a cluster on this machine: a server and one node, in the foreground, until Ctrl-C.\n"
            + "Jobs are kept: what was not done goes on when it is started again.")
        {
            Examples = ["artel up", "artel up --listen 0.0.0.0:7070      # other machines can join", "artel submit -- echo hello    # in another terminal"],
        };
        server.AddTo(command);
        command.Add(id);
        node.AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var format = server.LogFormat(parsed, s.Variable);
            var runAs = node.RunAs(parsed);
            return await Guarded.RunAsync(s, WorkAsync, runAs is not null, ct);

            Task<int> WorkAsync(GuardedWork guarded, CancellationToken ct)
            {
                var cluster = new LocalCluster(s)
                {
                    ServerArguments = server.Arguments(parsed, s.Home),
                    NodeId = parsed.GetValue(id) ?? ValidId(Environment.MachineName),
                    Machine = node.Resources(parsed),
                    EnforcesMemory = node.EnforcesMemory(parsed),
                    Labels = node.Labels(parsed),
                    RunAs = runAs,
                    Scratch = node.Scratch(parsed),
                    Json = parsed.GetValue(json),
                    LogFormat = format,
                };
                return cluster.RunAsync(guarded, ct);
            }
        });
        return command;
    }

    /// <summary>A host name as a node id: what an id can not have becomes a dash.</summary>
    internal static string ValidId(string host)
    {
        var id = string.Concat(host.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')).TrimStart('.', '-');
        id = id.Length > NodeIds.MaxLength ? id[..NodeIds.MaxLength] : id;
        return NodeIds.IsValid(id) ? id : PrivateCluster.LoneNode;
    }
}
