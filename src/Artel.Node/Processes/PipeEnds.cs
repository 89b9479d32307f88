namespace Artel.Node.Processes;

/// <summary>
/// The two descriptors of a pipe. The agent keeps the writer too until the process has ended: as long as it is open the end of the
/// process's own copy wakes nobody, which leaves one event for a task that prints nothing instead of three.
/// </summary>
internal readonly record struct PipeEnds(int Reader, int Writer);
