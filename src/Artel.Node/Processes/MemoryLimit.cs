using System.Runtime.Versioning;

namespace Artel.Node.Processes;

/// <summary>What all processes of a task may take, and who keeps it to that.</summary>
/// <param name="Bytes">Null: it is not limited.</param>
/// <param name="Cgroup">The kernel, in this cgroup. Null: <see cref="MemoryWatch"/>.</param>
[SupportedOSPlatform("linux")]
internal readonly record struct MemoryLimit(long? Bytes, MemoryCgroups.TaskCgroup? Cgroup = null);
