using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Wire;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Nodes;

/// <summary>Turns what was committed into messages to the nodes that it concerns, few and large. Called by one caller at a time.</summary>
internal sealed class NodeTeller(NodeSessions sessions, JobDocuments documents)
{
    /// <summary>An Assign with more bytes of templates than this is sent off before the next template is put in.</summary>
    private const int MaxTemplateBytes = 8 * 1024 * 1024;

    public void Tell(IReadOnlyList<Change> changes)
    {
        var letters = new Dictionary<NodeId, Letter>();
        foreach (var change in changes)
        {
            switch (change)
            {
                case LeasesGranted granted when Find(letters, granted.Node) is { } letter && letter.Session.Incarnation == granted.Incarnation:
                    letter.Add(granted, documents);
                    break;
                case AttemptEnded { Result.Outcome: AttemptOutcome.Moved } moved when Find(letters, moved.Node) is { } letter:
                    letter.Revoked.Add(moved.Lease);
                    break;
                case AttemptEnded { Result.Outcome: not AttemptOutcome.Lost } ended when Find(letters, ended.Node) is { } letter:
                    letter.Stored.Add(ended.Lease);
                    break;
                case LeaseReturned { Revoked: true } returned when Find(letters, returned.Node) is { } letter:
                    letter.Revoked.Add(returned.Lease);
                    break;
                case CancelRequested cancel when Find(letters, cancel.Node) is { } letter:
                    letter.Ended.Add(cancel.Lease);
                    break;
                case NodeDraining draining when Find(letters, draining.Node) is { } letter:
                    letter.Session.Send(new V1.ServerMessage { Drain = new V1.Drain { Draining = draining.Draining } });
                    break;
                case NodeForgotten forgotten when Find(letters, forgotten.Node) is { } letter:
                    letter.Session.Leave("this node was forgotten: join again with a new token", reconnect: false);
                    break;
                case JobEnded ended:
                    ForgetJob(ended.Job, letters);
                    break;
                default:
                    break;
            }
        }

        foreach (var letter in letters.Values)
        {
            letter.Post();
        }
    }

    private Letter? Find(Dictionary<NodeId, Letter> letters, NodeId node)
    {
        if (!letters.TryGetValue(node, out var letter) && sessions.TryFind(node, out var session))
        {
            letters[node] = letter = new Letter(session);
        }

        return letter;
    }

    private void ForgetJob(JobId job, Dictionary<NodeId, Letter> letters)
    {
        foreach (var session in sessions.All)
        {
            if (session.ForgetJob(job) && Find(letters, session.Node) is { } letter)
            {
                letter.ForgottenJobs.Add(job.Value);
            }
        }
    }

    /// <summary>What one node is told of one batch.</summary>
    private sealed class Letter(NodeSession session)
    {
        private V1.Assign _assign = new();
        private int _templateBytes;

        public NodeSession Session { get; } = session;

        public List<Lease> Stored { get; } = [];

        public List<Lease> Revoked { get; } = [];

        public List<Lease> Ended { get; } = [];

        public List<long> ForgottenJobs { get; } = [];

        public void Add(LeasesGranted granted, JobDocuments documents)
        {
            if (Session.NeedsTemplate(granted.Job, granted.Template) && documents.Find(granted.Job) is { } document)
            {
                var spec = ForNode(document.Layout.Templates[granted.Template]);
                var size = spec.CalculateSize();
                if (_templateBytes > 0 && _templateBytes + size > MaxTemplateBytes)
                {
                    PostAssign();
                }

                _templateBytes += size;
                _assign.Templates.Add(new V1.TemplateDefinition { Job = granted.Job.Value, Template = granted.Template, Spec = spec });
            }

            _assign.Grants.Add(new V1.Grant
            {
                Job = granted.Job.Value,
                Template = granted.Template,
                FirstTask = granted.FirstTask,
                FirstPosition = granted.FirstPosition,
                Leases = WireWriter.Write(granted.Leases),
                Attempt = granted.Attempt,
            });
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

        /// <summary>With what its needs mean where it says nothing: a task of a list asks for no cpus, and the node must know that too.</summary>
        private static V1.TaskTemplate ForNode(TemplatePlace place)
        {
            if (place.Node is null || place.Template.Needs is { HasMilliCpus: true })
            {
                return place.Template;
            }

            var spec = place.Template.Clone();
            spec.Needs ??= new V1.Needs();
            spec.Needs.MilliCpus = 0;
            return spec;
        }

        private void PostAssign()
        {
            if (_assign.Grants.Count > 0 || _assign.Templates.Count > 0)
            {
                Session.Send(new V1.ServerMessage { Assign = _assign });
                _assign = new V1.Assign();
                _templateBytes = 0;
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
