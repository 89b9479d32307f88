using Artel.Protocol.Maps;
using Artel.Protocol.V1;

namespace Artel.Cli.Submitting;

/// <summary>What is to be submitted.</summary>
/// <param name="Job">Valid.</param>
/// <param name="MapFile">As the user named it; null for a command.</param>
/// <param name="Kind">For messages.</param>
internal sealed record RequestedJob(JobSpec Job, string? MapFile, string Kind)
{
    public JobLayout Layout { get; } = JobSpecs.Layout(Job);
}
