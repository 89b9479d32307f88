using Artel.Cli.Output;
using Artel.Protocol.V1;

namespace Artel.Cli.Results;

/// <summary>
/// Keeps what the table at the end of a run shows: of a small job every task, of a large one those that did not succeed, and of
/// those no more than anyone reads.
/// </summary>
internal sealed class ResultTally(int total) : IResultSink
{
    public const int MostRows = 50;

    private readonly SortedDictionary<int, WireTask> _rows = [];
    private readonly bool _all = total <= MostRows;

    /// <summary>Whether there are more unsuccessful tasks than rows.</summary>
    public bool IsCut { get; private set; }

    /// <summary>By number.</summary>
    public IEnumerable<WireTask> Rows => _rows.Values;

    public void Begin(WireTask task)
    {
    }

    public void Write(WireStream stream, ReadOnlySpan<byte> data)
    {
    }

    public void Complete(WireTask task)
    {
        if (!_all && task.State == TaskState.Succeeded)
            _rows.Remove(task.Number);
        else if (_rows.Count < MostRows || _rows.ContainsKey(task.Number))
            _rows[task.Number] = task;
        else
            IsCut = true;
    }

    public void Abandon()
    {
    }

    public void Print(Spectre.Console.IAnsiConsole console)
    {
        if (_rows.Count > 0)
            TaskTable.Print(Rows, console);
    }
}
