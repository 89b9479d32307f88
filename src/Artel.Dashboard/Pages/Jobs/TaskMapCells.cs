using System.Runtime.InteropServices;
using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Dashboard.Pages.Jobs;

/// <summary>A task map as a browser gets it: the numbers of each state that occurs, one state after the other, four bytes each.</summary>
/// <param name="States">Those that occur, by the names of their colours.</param>
/// <param name="Data">For each of them a number per cell.</param>
public sealed record TaskMapCells(int First, int Count, int CellSize, int Cells, IReadOnlyList<string> States, byte[] Data)
{
    public static TaskMapCells Of(TaskMap map)
    {
        (TaskState State, IList<int> Counts)[] all =
        [
            (TaskState.Succeeded, map.Succeeded), (TaskState.Failed, map.Failed), (TaskState.Cancelled, map.Cancelled), (TaskState.Skipped, map.Skipped),
            (TaskState.Running, map.Running), (TaskState.Leased, map.Leased), (TaskState.Ready, map.Ready), (TaskState.Waiting, map.Waiting),
        ];
        var there = all.Where(s => s.Counts.Count > 0).ToList();
        var numbers = there.SelectMany(s => s.Counts).ToArray();
        return new TaskMapCells(
            map.First, map.Count, map.CellSize, map.Cells, [.. there.Select(s => StateWords.Of(s.State))], MemoryMarshal.AsBytes<int>(numbers).ToArray());
    }

    /// <summary>Whether a browser that has the other need not be told.</summary>
    public bool IsSame(TaskMapCells? other) =>
        other is not null && (First, Count, CellSize, Cells) == (other.First, other.Count, other.CellSize, other.Cells)
        && States.SequenceEqual(other.States) && Data.AsSpan().SequenceEqual(other.Data);
}
