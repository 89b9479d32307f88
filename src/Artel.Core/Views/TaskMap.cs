namespace Artel.Core;

/// <summary>How many tasks are in each state, over a range of tasks that is cut into cells of equal size. Costs what the cells cost, not what the tasks do.</summary>
public sealed class TaskMap
{
    private readonly int[]?[] _counts = new int[(int)TaskState.Skipped + 1][];

    /// <param name="tasks">Not empty.</param>
    /// <param name="mostCells">From 1.</param>
    public TaskMap(TaskRange tasks, int mostCells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tasks.Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostCells, 1);
        Tasks = tasks;
        CellSize = (int)(((long)tasks.Count + mostCells - 1) / mostCells);
        Cells = (int)(((long)tasks.Count + CellSize - 1) / CellSize);
    }

    public TaskRange Tasks { get; }

    /// <summary>Tasks of a cell; the last one may have fewer.</summary>
    public int CellSize { get; }

    public int Cells { get; }

    /// <summary>A number per cell; empty where no task is in the state.</summary>
    public ReadOnlySpan<int> this[TaskState state] => _counts[(int)state] is { } counts && counts.AsSpan().ContainsAnyExcept(0) ? counts : [];

    /// <summary>Counts tasks. Those outside of the map are left out.</summary>
    public void Add(TaskRange tasks, TaskState state) => Add(tasks, state, 1);

    /// <summary>Counts tasks that were added in one state in another instead.</summary>
    public void Move(TaskRange tasks, TaskState from, TaskState to)
    {
        Add(tasks, from, -1);
        Add(tasks, to, 1);
    }

    /// <summary>Counts tasks by the state of each.</summary>
    /// <param name="states">Of the tasks of the map, in order, as numbers of <see cref="TaskState"/>.</param>
    public void AddEach(ReadOnlySpan<byte> states)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(states.Length, Tasks.Count);
        Span<int> ofCell = stackalloc int[_counts.Length];
        for (var cell = 0; cell < Cells; cell++)
        {
            ofCell.Clear();
            foreach (var state in states.Slice(cell * CellSize, Math.Min(CellSize, states.Length - (cell * CellSize))))
            {
                ofCell[state]++;
            }

            for (var state = 0; state < ofCell.Length; state++)
            {
                if (ofCell[state] > 0)
                {
                    (_counts[state] ??= new int[Cells])[cell] += ofCell[state];
                }
            }
        }
    }

    private void Add(TaskRange tasks, TaskState state, int sign)
    {
        var (first, last) = (Math.Max(tasks.First, Tasks.First) - Tasks.First, Math.Min(tasks.Last, Tasks.Last) - Tasks.First);
        if (first > last)
        {
            return;
        }

        var counts = _counts[(int)state] ??= new int[Cells];
        for (var cell = first / CellSize; cell <= last / CellSize; cell++)
        {
            var start = cell * CellSize;
            counts[cell] += sign * (Math.Min(last, start + (CellSize - 1)) - Math.Max(first, start) + 1);
        }
    }
}
