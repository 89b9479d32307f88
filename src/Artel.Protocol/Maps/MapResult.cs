using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>What became of a map: a job, or the mistakes that stand in its way.</summary>
/// <param name="Job">Set exactly when there are no mistakes.</param>
/// <param name="Mistakes">All that were found, in the order of the text.</param>
public sealed record MapResult(JobSpec? Job, IReadOnlyList<MapMistake> Mistakes);
