namespace Artel.Core.Tests;

/// <content>The messages between the server and its nodes, over links that break.</content>
internal sealed partial class Simulation
{
    private void Link(SimulatedNode node)
    {
        if (node.Linked)
        {
            return;
        }

        var (held, finished) = node.Hello(_now);
        var labels = node.Id.Value == "1" ? (Label[])[new Label("os", "linux")] : [];
        var result = _state.Connect(
            node.Id, node.Incarnation, new NodeDescription(NodeKind.Native, "1", "host", "", node.Resources, [.. labels]), LeaseSet.Of([.. held, .. finished]), _now);
        if (result.Refusal is null)
        {
            _unnoticed.RemoveAll(u => u.Node == node.Id);
            _lastHeard[node.Id] = _now;
            _known.Add(node.Id);

            // Before it is granted anything.
            _state.Report(node.Id, node.Incarnation, node.Problem);

            // The welcome goes out when all of this is on disk, like everything; grants of the same batch after it.
            node.Open();
            Commit();
            node.Welcome([.. LeaseSet.Of(result.Refused).Each()]);
        }
    }

    /// <summary>Breaks a link. The server may know at once, or later; what the node had sent may arrive late or not at all.</summary>
    private void Unlink(SimulatedNode node)
    {
        if (!node.Linked)
        {
            return;
        }

        _late.AddRange(node.Outbox.Where(_ => _random.Next(2) == 0).Select(m => (node.Id, node.Incarnation, m)));
        node.Outbox.Clear();
        node.Unlink();
        _unnoticed.Add((node.Id, node.Incarnation));
        if (_random.Next(2) == 0)
        {
            NoticeLinks();
        }
    }

    private void NoticeLinks()
    {
        foreach (var (node, incarnation) in _unnoticed)
        {
            _state.Disconnect(node, incarnation, _lastHeard[node]);
        }

        _unnoticed.Clear();
    }

    /// <summary>The server handles what a node has sent, up to some number of messages.</summary>
    private void Hear(SimulatedNode node, int most)
    {
        for (; most > 0 && node.Linked && node.Outbox.TryDequeue(out var message); most--)
        {
            _lastHeard[node.Id] = _now;
            Hear(node.Id, node.Incarnation, message);
        }

        if (_late.Count > 0 && _random.Next(5) == 0)
        {
            var (id, incarnation, message) = _late[0];
            _late.RemoveAt(0);
            Hear(id, incarnation, message);
        }
    }

    private void Hear(NodeId id, Incarnation incarnation, SimMessage message)
    {
        switch (message)
        {
            case SaysAlive alive when NodeOf(id) is { Linked: true } node && node.Incarnation == incarnation:
                _state.Report(id, incarnation, alive.Problem);
                node.Inbox.Enqueue(new Renewed(alive.SentAt));
                break;
            case SaysStarted started:
                _state.Start(id, incarnation, started.Lease, _now, _now);
                break;
            case SaysEnded ended when !_state.End(id, incarnation, ended.Lease, ended.Result, _now) && NodeOf(id).Linked:
                NodeOf(id).Inbox.Enqueue(new EndLease(ended.Lease, Revoked: true));
                break;
            case SaysReturned returned:
                _state.GiveBack(id, incarnation, LeaseSet.Of([returned.Leases]), _now);
                break;
            default:
                break;
        }
    }

    /// <summary>Nodes read what the server has sent.</summary>
    private void Deliver()
    {
        foreach (var node in _nodes)
        {
            for (var most = _random.Next(8); most > 0 && node.Inbox.TryDequeue(out var message); most--)
            {
                node.Receive(message, (job, template) => _watch.SpecOf(job).Templates[template]);
            }
        }
    }
}
