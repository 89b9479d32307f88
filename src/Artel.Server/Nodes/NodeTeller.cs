using Artel.Core;
using Artel.Server.Telemetry;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>Turns what was committed into messages to the nodes that it concerns, few and large. Called by one caller at a time.</summary>
internal sealed class NodeTeller(NodeSessions sessions, JobDocuments documents, JobTraces traces, ILogger log)
{
    /// <summary>An Assign with more bytes of templates and entries than this is sent off before more is put in.</summary>
    private const int MaxBytes = 8 * 1024 * 1024;

    private readonly SentTemplates _sent = new();

    public void Tell(IReadOnlyList<Change> changes)
    {
        var letters = new Dictionary<NodeId, Letter>();
        foreach (var change in changes)
        {
            // What can not be written for one node is that node's loss alone.
            try
            {
                Add(change, letters);
            }
            catch (Exception e)
            {
                Close(NodeOf(change), letters, e);
            }
        }

        foreach (var (node, letter) in letters.ToArray())
        {
            try
            {
                letter.Post();
            }
            catch (Exception e)
            {
                Close(node, letters, e);
            }
        }
    }

    /// <summary>
    /// A node that missed something would wait for ever, or run what is no longer its own: its link is closed, and it learns where it stands when it comes back.
    /// </summary>
    private void Close(NodeId? node, Dictionary<NodeId, Letter> letters, Exception bug)
    {
        log.NodeNotNotified(bug, node?.Value ?? "");
        foreach (var session in sessions.All.Where(s => node is null || s.Node == node))
        {
            session.Close();
            letters.Remove(session.Node);
        }
    }

    private static NodeId? NodeOf(Change change) => change switch
    {
        LeasesGranted c => c.Node,
        AttemptEnded c => c.Node,
        LeaseReturned c => c.Node,
        CancelRequested c => c.Node,
        MoveRequested c => c.Node,
        NodeDraining c => c.Node,
        NodeForgotten c => c.Node,
        _ => null,
    };

    private void Add(Change change, Dictionary<NodeId, Letter> letters)
    {
        switch (change)
        {
            case LeasesGranted granted when Find(letters, granted.Node) is { } letter && letter.Session.Incarnation == granted.Incarnation:
                letter.Add(granted, documents, traces);
                break;
            case AttemptEnded ended when Find(letters, ended.Node) is { } letter:
                letter.Stored.Add(ended.Lease);
                break;
            case LeaseReturned { Revoked: true } returned when Find(letters, returned.Node) is { } letter:
                letter.Revoked.Add(returned.Lease);
                break;
            case CancelRequested cancel when Find(letters, cancel.Node) is { } letter:
                letter.Ended.Add(cancel.Lease);
                break;
            case MoveRequested move when Find(letters, move.Node) is { } letter:
                letter.Ended.Add(move.Lease);
                break;
            case NodeDraining draining when Find(letters, draining.Node) is { } letter:
                letter.Session.Send(new V1.ServerMessage { Drain = new V1.Drain { Draining = draining.Draining } });
                break;
            case NodeForgotten forgotten when Find(letters, forgotten.Node) is { } letter:
                letter.Session.Leave("this node was forgotten: join again with a new token", reconnect: false);
                break;
            case JobRevised revised:
                Revise(revised, letters);
                break;
            case JobEnded ended:
                ForgetJob(ended.Job, letters);
                break;
            default:
                break;
        }
    }

    private Letter? Find(Dictionary<NodeId, Letter> letters, NodeId node)
    {
        if (!letters.TryGetValue(node, out var letter) && sessions.TryFind(node, out var session))
        {
            letters[node] = letter = new Letter(session, _sent);
        }

        return letter;
    }

    /// <summary>
    /// What was granted before is sent with the terms that it was granted with, and what is granted later brings its
    /// template again: nodes put it in place of the one they have.
    /// </summary>
    private void Revise(JobRevised revised, Dictionary<NodeId, Letter> letters)
    {
        foreach (var letter in letters.Values)
        {
            letter.PostAssign();
        }

        documents.Add(revised.Job, revised.Document);
        _sent.Renew(revised.Job);
    }

    private void ForgetJob(JobId job, Dictionary<NodeId, Letter> letters)
    {
        foreach (var (node, session) in _sent.Remove(job))
        {
            if (Find(letters, node) is { } letter && letter.Session.Number == session)
            {
                letter.ForgottenJobs.Add(job.Value);
            }
        }
    }

    /// <summary>What one node is told of one batch.</summary>
    private sealed class Letter(NodeSession session, SentTemplates sent)
    {
        private V1.Assign _assign = new();
        private int _bytes;

        public NodeSession Session { get; } = session;

        public List<Lease> Stored { get; } = [];

        public List<Lease> Revoked { get; } = [];

        public List<Lease> Ended { get; } = [];

        public List<long> ForgottenJobs { get; } = [];

        public void Add(LeasesGranted granted, JobDocuments documents, JobTraces traces)
        {
            var document = documents.Find(granted.Job);
            var place = document?.Layout.Templates[granted.Template];
            if (sent.Add(Session, granted.Job, granted.Template) && document is not null && place is not null)
            {
                var spec = place.ForNodes;
                var size = spec.CalculateSize();
                if (_bytes > 0 && _bytes + size > MaxBytes)
                {
                    PostAssign();
                }

                _bytes += size;
                _assign.Templates.Add(new V1.TemplateDefinition
                {
                    Job = granted.Job.Value,
                    Template = granted.Template,
                    Spec = spec,
                    Trace = traces.TermsOf(granted.Job.Value, document.Submission),
                    User = document.Submission.User,
                });
            }

            if (place is not { Template.Axes.Count: > 0 })
            {
                _assign.Grants.Add(Part(granted, 0, granted.Leases.Count));
                return;
            }

            // Many long entries become several grants, so that no message grows over its bound.
            V1.Grant? part = null;
            for (var i = 0; i < granted.Leases.Count; i++)
            {
                if (_bytes > MaxBytes)
                {
                    PostAssign();
                    part = null;
                }

                if (part is null)
                {
                    part = Part(granted, i, 0);
                    _assign.Grants.Add(part);
                }

                var entry = place.EntryOf(granted.FirstTask + i)!.Value.Value;
                part.Leases.Count++;
                part.Entries.Add(entry);
                _bytes += (2 * entry.Length) + 8;
            }
        }

        private static V1.Grant Part(LeasesGranted granted, int from, int count)
        {
            var leases = WireWriter.Write(granted.Leases);
            leases.FirstSequence += from;
            leases.Count = count;
            return new V1.Grant
            {
                Job = granted.Job.Value,
                Template = granted.Template,
                FirstTask = granted.FirstTask + from,
                FirstPosition = granted.FirstPosition + from,
                Leases = leases,
                Attempt = granted.Attempt,
            };
        }

        public void Post()
        {
            if (Stored.Count > 0)
            {
                var settled = new V1.Settled { Verdict = V1.Settled.Types.Verdict.Stored };
                settled.Leases.AddRange(WireWriter.WriteRanges(Stored));
                Session.Send(new V1.ServerMessage { Settled = settled });
            }

            // Grants first: what was granted and taken back in one batch must not start after it was taken back.
            PostAssign();
            PostEnd(Revoked, revoked: true);
            PostEnd(Ended, revoked: false);
            if (ForgottenJobs.Count > 0)
            {
                var forget = new V1.ForgetJobs();
                forget.Jobs.AddRange(ForgottenJobs);
                Session.Send(new V1.ServerMessage { ForgetJobs = forget });
            }
        }

        public void PostAssign()
        {
            if (_assign.Grants.Count > 0 || _assign.Templates.Count > 0)
            {
                Session.Send(new V1.ServerMessage { Assign = _assign });
                _assign = new V1.Assign();
                _bytes = 0;
            }
        }

        private void PostEnd(List<Lease> leases, bool revoked)
        {
            if (leases.Count > 0)
            {
                var end = new V1.EndAttempts { Revoked = revoked };
                end.Leases.AddRange(WireWriter.WriteRanges(leases));
                Session.Send(new V1.ServerMessage { EndAttempts = end });
            }
        }
    }
}
