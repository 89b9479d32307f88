namespace Artel.Cli.Top;

/// <summary>What a key asks for beyond the screen itself.</summary>
internal abstract record TopWish
{
    public sealed record Quit : TopWish;

    public sealed record ShowLogs(RunningTask Task) : TopWish;

    /// <param name="Task">Null: the whole job.</param>
    public sealed record Cancel(long Job, int? Task) : TopWish;
}

/// <summary>Which list the keys are about.</summary>
internal enum TopList
{
    Jobs,
    Tasks,
    Nodes,
}

/// <summary>What the user has chosen to see, and what is asked: changed by keys only. Knows nothing of terminals.</summary>
internal sealed class TopState
{
    private static readonly Dictionary<TopList, string[]> Orders = new()
    {
        [TopList.Jobs] = ["running first", "newest", "oldest", "most tasks left", "most failed", "name"],
        [TopList.Tasks] = ["longest", "shortest", "number", "node"],
        [TopList.Nodes] = ["id", "load", "running"],
    };

    private readonly Dictionary<TopList, int> _order = [];
    private TopWish? _asked;
    private bool _typing;

    public TopList List { get; private set; } = TopList.Jobs;

    /// <summary>Only rows in which this stands. Empty: all.</summary>
    public string Filter { get; private set; } = "";

    /// <summary>Row of the list that has the keys.</summary>
    public int Row { get; private set; }

    public string Order => OrderOf(List);

    /// <summary>What stands at the foot in place of the keys: a question, or what is typed. Null: the keys.</summary>
    public string? Prompt => _typing ? $"filter: {Filter}_   (enter: keep, esc: none)" : _asked switch
    {
        TopWish.Cancel { Task: null } c => $"cancel job {c.Job}, all of it? (y/n)",
        TopWish.Cancel c => $"cancel task {c.Job}.{c.Task}? (y/n)",
        _ => null,
    };

    public string OrderOf(TopList list) => Orders[list][_order.GetValueOrDefault(list)];

    /// <summary>Takes a key. Gives what is to be done, or null.</summary>
    /// <param name="rows">What the list shows, in its order.</param>
    public TopWish? Take(ConsoleKeyInfo key, TopRows rows)
    {
        if (_typing)
        {
            Type(key);
            return null;
        }

        if (_asked is { } asked)
        {
            _asked = null;
            return key.KeyChar is 'y' or 'Y' ? asked : null;
        }

        switch (key)
        {
            case { KeyChar: 'q' or 'Q' } or { Key: ConsoleKey.Escape }:
                return new TopWish.Quit();
            case { Key: ConsoleKey.Tab }:
                List = (TopList)(((int)List + 1) % Orders.Count);
                Row = 0;
                return null;
            case { Key: ConsoleKey.DownArrow } or { KeyChar: 'j' }:
                Row = Math.Min(Row + 1, Math.Max(0, rows.Count(List) - 1));
                return null;
            case { Key: ConsoleKey.UpArrow } or { KeyChar: 'k' }:
                Row = Math.Max(0, Row - 1);
                return null;
            case { KeyChar: 's' }:
                _order[List] = (_order.GetValueOrDefault(List) + 1) % Orders[List].Length;
                return null;
            case { KeyChar: '/' }:
                _typing = true;
                return null;
            case { KeyChar: 'l' } or { Key: ConsoleKey.Enter }:
                return rows.TaskAt(List, Row) is { } task ? new TopWish.ShowLogs(task) : null;
            case { KeyChar: 'c' }:
                _asked = List switch
                {
                    TopList.Jobs when Row < rows.Jobs.Count => new TopWish.Cancel(rows.Jobs[Row].Id, null),
                    TopList.Tasks when Row < rows.Tasks.Count => new TopWish.Cancel(rows.Tasks[Row].Job, rows.Tasks[Row].Task),
                    _ => null,
                };
                return null;
            default:
                return null;
        }
    }

    /// <summary>Rows come and go: the marked one stays where there is one.</summary>
    public void Clamp(int count) => Row = Math.Clamp(Row, 0, Math.Max(0, count - 1));

    private void Type(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                _typing = false;
                break;
            case ConsoleKey.Escape:
                _typing = false;
                Filter = "";
                break;
            case ConsoleKey.Backspace:
                Filter = Filter.Length > 0 ? Filter[..^1] : "";
                break;
            default:
                if (!char.IsControl(key.KeyChar) && Filter.Length < 40)
                    Filter += key.KeyChar;

                break;
        }
    }
}
