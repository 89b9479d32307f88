namespace Artel.Node.Processes;

/// <summary>Just before a process was started, on the clock that measures and on the one that /proc tells of others (<see cref="ProcFile.NowTicks"/>).</summary>
internal readonly record struct StartTime(long Timestamp, long Ticks);
