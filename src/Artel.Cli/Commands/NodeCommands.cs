using System.CommandLine;
using Artel.Cli.Json;
using Artel.Cli.Output;
using Artel.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Artel.Cli.Commands;

/// <summary><c>artel node …</c></summary>
internal static class NodeCommands
{
    public static Command Create(Surroundings s)
    {
        var command = new Verb("node", "Start a node on this machine, or see and steer the nodes of the cluster.");
        command.Add(NodeStartCommand.Create(s));
        command.Add(List(s));
        command.Add(Show(s));
        command.Add(Action(
            s,
            new Verb("drain", "Give a node no new work. What runs there may end; with --deadline, only until then.")
            {
                Examples =
                [
                    "artel node drain render-07", "artel node drain render-07 --deadline 10m",
                    "artel node drain render-07 render-08 --reason 'new disks'",
                ],
            },
            (client, action, options) => client.DrainNodeAsync(action, options),
            node => $"Node {node.Id} gets no new work{Running(node)}{Until(node)}. 'artel node resume {node.Id}' undoes it.",
            withDeadline: true));
        command.Add(Action(
            s,
            new Verb("resume", "Give a drained node work again."),
            (client, action, options) => client.ResumeNodeAsync(action, options),
            node => $"Node {node.Id} gets work again."));
        command.Add(Action(
            s,
            new Verb("stop", "Drain a node, then end its agent.")
            {
                Examples = ["artel node stop render-07", "artel node stop render-07 --deadline 10m", "artel node stop render-07 --now"],
            },
            (client, action, options) => client.StopNodeAsync(action, options),
            node => $"Node {node.Id} stops as soon as nothing runs there{Running(node)}{Until(node)}.",
            withDeadline: true,
            withNow: true));
        command.Add(Forget(s));
        return command;
    }

    private static Verb List(Surroundings s)
    {
        var json = Verb.Json();
        var command = new Verb("ls", "List the nodes of the cluster.");
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var nodes = (await session.Client.ListNodesAsync(new ListNodesRequest(), session.Question(ct))).Nodes;
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new NodeListJson([.. nodes.Select(n => NodeJson.Of(n, inList: true))]), j => j.NodeListJson));
            else if (nodes.Count == 0)
                s.Terminal.Note("No nodes. Let one join: artel token create --role node, then there: artel node start --id NAME --join -");
            else
                NodeText.PrintList(nodes, s.Terminal, s.Clock.GetUtcNow());

            return ExitStatus.Done;
        });
        return command;
    }

    private static Verb Show(Surroundings s)
    {
        var id = Amounts.NodeId(s);
        var json = Verb.Json();
        var command = new Verb("show", "Show a node and what runs on it.") { Examples = ["artel node show render-07"] };
        command.Add(id);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var node = await session.Client.GetNodeAsync(new GetNodeRequest { Id = parsed.GetRequiredValue(id) }, session.Question(ct));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(NodeJson.Of(node), j => j.NodeJson));
            else
                NodeText.PrintPage(node, s.Terminal, s.Clock.GetUtcNow());

            return ExitStatus.Done;
        });
        return command;
    }

    private static Verb Action(
        Surroundings s, Verb command, Func<Cluster.ClusterClient, NodeAction, CallOptions, AsyncUnaryCall<WireNode>> act, Func<WireNode, string> said,
        bool withDeadline = false, bool withNow = false)
    {
        var ids = Amounts.SeveralNodeIds(s);
        var reason = new Option<string?>("--reason")
        {
            Description = "The reason, shown wherever the node is shown: one line of at most 256 characters.",
            HelpName = "TEXT",
        };
        var deadline = Amounts.Duration("--deadline", "How long what runs there may take; then it is ended and given to other nodes, without counting as a failure.");
        var now = new Option<bool>("--now") { Description = "End what runs there; it is given to other nodes." };
        var json = Verb.Json();
        command.Add(ids);
        if (withDeadline)
        {
            command.Add(deadline);
            command.Add(reason);
        }

        if (withNow)
            command.Add(now);

        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var why = withDeadline ? parsed.GetValue(reason) ?? "" : "";
            var action = new NodeAction { Now = withNow && parsed.GetValue(now), Reason = why };
            if (withDeadline && parsed.GetValue(deadline) is { } patience)
            {
                if (action.Now)
                    throw CommandFailure.WrongUsage("--deadline and --now: give one of them");

                action.Deadline = Duration.FromTimeSpan(patience);
            }

            var session = await s.ConnectAsync(parsed, ct);
            var status = ExitStatus.Done;
            string[] named = [.. parsed.GetRequiredValue(ids).Distinct(StringComparer.Ordinal)];
            foreach (var id in named)
            {
                action.Id = id;
                try
                {
                    var node = await act(session.Client, action, session.Question(ct));
                    if (parsed.GetValue(json))
                    {
                        var isOnly = named.Length == 1;
                        s.Terminal.Print(ArtelJson.Write(NodeJson.Of(node), j => j.NodeJson, indented: isOnly));
                    }

                    s.Terminal.Note(said(node));
                }
                catch (RpcException e) when (named.Length > 1
                    && e.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition)
                {
                    // The others are done all the same, as with every command for several jobs.
                    var failure = session.Describe(e);
                    s.Terminal.Fail(failure.Message);
                    status = failure.Status;
                }
            }

            return status;
        });
        return command;
    }

    private static string Running(WireNode node) => node.Running > 0 ? $" ({Words.Count(node.Running)} running)" : "";

    private static string Until(WireNode node) =>
        node.DrainDeadline is { } deadline ? $"; what still runs at {Words.Moment(deadline.ToDateTimeOffset())} goes to other nodes" : "";

    private static Verb Forget(Surroundings s)
    {
        var id = Amounts.NodeId(s);
        var json = Verb.Json();
        var command = new Verb("forget", "Remove a node and revoke its credential: it can come back only with a new token.");
        command.Add(id);
        command.Add(json);
        command.SetAction(async (parsed, ct) =>
        {
            var session = await s.ConnectAsync(parsed, ct);
            var node = parsed.GetRequiredValue(id);
            await session.Client.ForgetNodeAsync(new NodeAction { Id = node }, session.Question(ct));
            if (parsed.GetValue(json))
                s.Terminal.Print(ArtelJson.Write(new ForgottenNodeJson(node), j => j.ForgottenNodeJson, indented: false));

            s.Terminal.Note($"Node {node} is forgotten.");
            return ExitStatus.Done;
        });
        return command;
    }
}
