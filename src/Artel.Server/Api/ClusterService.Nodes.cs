using Artel.Core;
using Artel.Protocol.Client;
using Artel.Server.Hosting;
using Artel.Server.Nodes.Messages;
using Artel.Server.Wire;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>Nodes, and the cluster itself.</summary>
internal sealed partial class ClusterService
{
    private const int MaxAttemptsShown = 1000;
    private const int MaxAttention = 100;
    private const int MaxDrainReason = 256;

    public override async Task<V1.ClusterStatus> GetStatus(V1.GetStatusRequest request, ServerCallContext context)
    {
        var (nodes, lost, jobs, tasks) = await loop.AskAsync(
            (state, _) => (state.CountNodes(), state.ViewNodes(NodeCondition.Lost), state.CountJobs(), state.CountTasks()), context.CancellationToken);
        var principal = context.Principal();
        var status = new V1.ClusterStatus
        {
            Version = ServerVersion.Text,
            Protocol = ProtocolVersion.Current.ToString(),
            ClusterId = store.ClusterId,
            Epoch = life.Epoch,
            Started = life.Started.ToTimestamp(),
            Listen = life.Listening,
            ListenClassic = life.ListeningClassic,
            StaleMessages = vitals.StaleMessages,
            LongestTurn = vitals.LongestTurn.ToDuration(),
            NodesKnown = nodes.Known,
            NodesConnected = nodes.Connected,
            JobsActive = jobs,
            ActiveTasks = WireWriter.Write(tasks),
            Privacy = (V1.Privacy)options.Privacy,
            Role = principal.Role,
            User = principal.Name,
            Key = announcer.DescribeKey(),
        };
        if (status.Key.Switches is { } switches)
        {
            status.Attention.Add(
                $"the server's key changes at {switches.ToDateTimeOffset():u}: nodes and tokens that have not been in touch by then need a new token");
        }

        status.Attention.AddRange(lost.OrderBy(n => n.Node).Take(MaxAttention).Select(n => $"node {n.Node} is lost, last heard {n.Since:u}"));
        if (lost.Count > MaxAttention)
        {
            status.Attention.Add($"and {lost.Count - MaxAttention} more nodes are lost: 'artel node ls' lists them");
        }

        (status.FreeBytes, status.DiskBytes, status.DiskReserve) = (room.Free, room.Total, room.Reserve);
        if (room.Problem is { } problem)
        {
            status.Attention.Add(problem);
        }

        if (RuntimeAge.Problem is { } old)
        {
            status.Attention.Add(old);
        }

        return status;
    }

    public override async Task<V1.ListNodesReply> ListNodes(V1.ListNodesRequest request, ServerCallContext context)
    {
        if (request.SinceRevision < 0)
        {
            throw Refusals.Invalid($"since_revision is {request.SinceRevision}: the revision of an earlier answer, or leave it out");
        }

        var changes = await board.LookAsync(
            async () =>
            {
                var views = await loop.AskAsync((state, _) => state.ViewNodes(condition: null), context.CancellationToken);
                return [.. views.Select(v => (v, StateOf(v)))];
            },
            request.SinceRevision,
            context.CancellationToken);
        return new V1.ListNodesReply
        {
            Nodes = { changes.Changed.Select(Write) },
            Revision = changes.Revision,
            All = changes.IsAll,
            Gone = { changes.Gone.Select(n => n.Value) },
        };
    }

    public override async Task<V1.Node> GetNode(V1.GetNodeRequest request, ServerCallContext context)
    {
        var id = new NodeId(request.Id);
        var (view, attempts) = await loop.AskAsync(
            (state, _) => (state.View(id), state.ViewAttempts(id, MaxAttemptsShown)), context.CancellationToken);
        var node = Write(view ?? throw Refusals.NoNode(request.Id));
        foreach (var attempt in attempts)
        {
            node.Attempts.Add(WireWriter.Write(attempt));
            node.AttemptTasks.Add(new V1.TaskRef { Job = attempt.Task.Job.Value, Task = attempt.Task.Number });
        }

        return node;
    }

    public override Task<V1.Node> DrainNode(V1.NodeAction request, ServerCallContext context) =>
        DrainAsync(request, context.CancellationToken);

    public override Task<V1.Node> ResumeNode(V1.NodeAction request, ServerCallContext context) =>
        request.Deadline is null && request.Reason.Length == 0
            ? ChangeAsync(request.Id, (state, id, _) => state.Drain(id, draining: false), context.CancellationToken)
            : throw Refusals.Invalid("deadline and reason are for DrainNode and StopNode: leave them out");

    public override async Task<V1.Node> StopNode(V1.NodeAction request, ServerCallContext context)
    {
        var node = await DrainAsync(request, context.CancellationToken);
        if (!sessions.TryFind(new NodeId(request.Id), out var session))
        {
            throw Refusals.NotNow($"node {request.Id} is not connected");
        }

        session.StopRequested = true;
        session.Send(new V1.ServerMessage { Drain = new V1.Drain { Draining = true, ThenStop = true, Now = request.Now } });
        return node;
    }

    public override async Task<V1.ForgetNodeReply> ForgetNode(V1.NodeAction request, ServerCallContext context)
    {
        // Without new work nothing exclusive can come to it between here and the end.
        var id = new NodeId(request.Id);
        var refusal = await loop.AskAsync(
            (state, _) =>
            {
                var why = state.WhyNotForget(id);
                if (why is null)
                {
                    state.Drain(id, draining: true);
                }

                return why;
            },
            context.CancellationToken);
        if (refusal is not null)
        {
            throw Refusals.NotNow(refusal);
        }

        // The credential first: a node that is thrown out must not be back before it is forgotten.
        await credentials.ForgetNodeAsync(request.Id, context.CancellationToken);
        var known = await loop.AskAsync((state, now) => state.Forget(id, now), context.CancellationToken);
        return known ? new V1.ForgetNodeReply() : throw Refusals.NoNode(request.Id);
    }

    public override Task<V1.StopServerReply> StopServer(V1.StopServerRequest request, ServerCallContext context)
    {
        lifetime.StopApplication();
        return Task.FromResult(new V1.StopServerReply());
    }

    private Task<V1.Node> DrainAsync(V1.NodeAction request, CancellationToken cancellation)
    {
        var deadline = Asked.Span("the deadline", request.Deadline);
        var reason = request.Reason.Trim();
        if (!NodeText.IsLine(reason))
        {
            throw Refusals.Invalid("the reason has a control character: write it on one line");
        }

        if (reason.Length > MaxDrainReason)
        {
            throw Refusals.Invalid($"the reason has {reason.Length} characters: at most {MaxDrainReason}");
        }

        return ChangeAsync(
            request.Id, (state, id, now) => state.Drain(id, draining: true, now + deadline, reason), cancellation);
    }

    private async Task<V1.Node> ChangeAsync(string node, Func<ClusterState, NodeId, DateTimeOffset, bool> change, CancellationToken cancellation)
    {
        var id = new NodeId(node);
        var view = await loop.AskAsync((state, now) => change(state, id, now) ? state.View(id) : null, cancellation);
        return Write(view ?? throw Refusals.NoNode(node));
    }

    /// <summary>What a native node last said may be older than what is known of its tasks.</summary>
    private V1.NodeState StateOf(NodeView view) =>
        !sessions.TryFind(view.Node, out var session) ? V1.NodeState.Waiting
        : view.Running > 0 && view.Description.Kind == NodeKind.Native ? V1.NodeState.Running : session.State;

    private V1.Node Write(NodeView view)
    {
        var description = view.Description;
        var node = new V1.Node
        {
            Id = view.Node.Value,
            Kind = WireWriter.Write(description.Kind),
            State = StateOf(view),
            Condition = WireWriter.Write(view.Condition),
            Draining = view.Draining,
            DrainDeadline = WireWriter.Write(view.DrainDeadline),
            DrainReason = view.DrainReason,
            RunAs = view.Description.RunAs,
            Problem = view.Condition == NodeCondition.Connected ? view.Problem : "",
            Version = description.Version,
            Host = description.Host,
            Address = description.Address,
            Resources = new V1.Resources
            {
                MilliCpus = description.Resources.MilliCpus,
                MemoryBytes = description.Resources.MemoryBytes,
                MilliGpus = description.Resources.MilliGpus,
            },
            // At most what the node has, of which the wire can tell.
            Used = new V1.Resources { MilliCpus = (int)view.Used.MilliCpus, MemoryBytes = view.Used.MemoryBytes, MilliGpus = (int)view.Used.MilliGpus },
            Running = view.Running,
            Backlog = view.Backlog,
            ConnectedSince = view.Since.ToTimestamp(),
            LastHeartbeat = view.Since.ToTimestamp(),
        };
        if (view.Condition == NodeCondition.Connected)
        {
            node.Unended.Add(view.Unended);
        }

        foreach (var counter in description.Resources.Counters)
        {
            node.Resources.Counters.Add(counter.Name, counter.Amount);
        }

        foreach (var label in description.Labels)
        {
            node.Labels.Add(label.Key, label.Value);
        }

        if (sessions.TryFind(view.Node, out var session))
        {
            node.LastHeartbeat = (time.GetUtcNow() - session.Silence).ToTimestamp();
        }

        return node;
    }
}
