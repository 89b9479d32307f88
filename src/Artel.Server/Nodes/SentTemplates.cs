using Artel.Core;

namespace Artel.Server.Nodes;

/// <summary>
/// Which templates of which jobs each node was sent on its present link. By job, so that the end of a job costs nothing
/// for nodes that have none of it. For one caller at a time.
/// </summary>
internal sealed class SentTemplates
{
    private readonly Dictionary<JobId, Dictionary<NodeId, Sent>> _jobs = [];

    /// <summary>True if the node does not have the template yet. From here on it counts as sent.</summary>
    public bool Add(NodeSession session, JobId job, int template)
    {
        if (!_jobs.TryGetValue(job, out var nodes))
        {
            _jobs[job] = nodes = [];
        }

        if (!nodes.TryGetValue(session.Node, out var sent) || sent.Session != session.Number)
        {
            nodes[session.Node] = sent = new Sent(session.Number, []);
        }

        return sent.Templates.Add(template);
    }

    /// <summary>Has the templates of a job sent again before they are used next.</summary>
    public void Renew(JobId job)
    {
        foreach (var sent in _jobs.GetValueOrDefault(job)?.Values ?? Enumerable.Empty<Sent>())
        {
            sent.Templates.Clear();
        }
    }

    /// <summary>The job has ended.</summary>
    /// <returns>The nodes that were sent any of it, each with the number of the session in which it was.</returns>
    public IEnumerable<(NodeId Node, long Session)> Remove(JobId job) =>
        _jobs.Remove(job, out var nodes) ? nodes.Select(n => (n.Key, n.Value.Session)) : [];

    /// <param name="Session">The number of the session. A later one begins without templates.</param>
    private readonly record struct Sent(long Session, HashSet<int> Templates);
}
