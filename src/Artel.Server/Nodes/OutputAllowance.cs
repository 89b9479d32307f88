using Artel.Core;
using Artel.Protocol.Maps;
using Artel.Server.Nodes.Messages;
using Artel.Server.Wire;

namespace Artel.Server.Nodes;

/// <summary>
/// How long the output of a task may be, as its job says: what a node announces is no reason to set room aside for more. Any thread.
/// </summary>
internal sealed class OutputAllowance(JobDocuments documents)
{
    /// <summary>Bytes of one stream.</summary>
    public long Of(TaskId task)
    {
        var asked = documents.Find(task.Job)?.Layout.TemplateOf(task.Number).Template.OutputLimit ?? 0;
        return Math.Min(asked > 0 ? asked : JobLimits.DefaultOutputLimitBytes, NodeLimits.MaxOutputBytes);
    }
}
