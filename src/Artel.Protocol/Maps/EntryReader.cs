using Artel.Protocol.Text;
using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Reads what a task takes its entries from: <c>matrix</c>, <c>entries</c>, <c>entries_file</c>, <c>each_line</c>.</summary>
internal sealed class EntryReader(MistakeLog log, MapContext context)
{
    private readonly ValueReader _values = new(log);
    private MapNode? _given;

    /// <summary>False where it is no such key.</summary>
    public bool TryRead(MapEntry entry, TaskTemplate task)
    {
        if (!MapKeys.Entries.Contains(entry.Key.Text))
            return false;

        if (task.Axes.Count > 0)
        {
            log.Add(entry.Key, $"a second list of entries, '{entry.Key.Text}'", $"give one of {string.Join(", ", MapKeys.Entries)}");
            return true;
        }

        _given = entry.Value;
        switch (entry.Key.Text)
        {
            case "matrix":
                foreach (var axis in _values.Table(entry.Value, "matrix", "{ lr: [0.1, 0.01], seed: 1-10 }"))
                    task.Axes.Add(ReadAxis(axis));
                if (entry.Value is MapTable { Entries.Count: 0 })
                    log.Spoil(entry.Value, "matrix has no axes", "write at least one, like { lr: [0.1, 0.01] }");
                break;
            case "entries":
                task.Axes.Add(ReadEntries(entry.Value));
                break;
            case "entries_file":
                ReadFile(entry.Value, "entries_file", EntryFiles.FromJson, task);
                break;
            default:
                ReadFile(entry.Value, "each_line", EntryFiles.FromLines, task);
                break;
        }

        return true;
    }

    private Axis ReadAxis(MapEntry entry)
    {
        var axis = new Axis { Name = entry.Key.Text };
        var what = $"the axis {Quote.Shorten(entry.Key.Text)}";
        var values = entry.Value;
        if (values is MapTable table)
        {
            values = table.Find("values")?.Value ?? values;
            foreach (var (key, value) in table.Entries)
            {
                if (key.Text == "linked")
                    axis.Linked = _values.Truth(value, "linked", out var isLinked) && isLinked;
                else if (key.Text != "values")
                    log.Add(key, $"unknown key '{Quote.Shorten(key.Text)}' in {what}", MapKeys.Remedy(key.Text, ["values", "linked"]));
            }
        }

        switch (values)
        {
            case MapList list:
                FillValues(axis, list, typed: true);
                break;
            case MapScalar { IsNull: false } range:
                axis.Indices = new IndexSet();
                if (!IndexSets.TryAdd(axis.Indices, range.Text, out var error))
                    Spoil(range, $"{what}: {error}", "or write a list of values, like [0.1, 0.01]");
                break;
            default:
                Spoil(values, $"{what} is {values.Kind}", "write a list of values, like [0.1, 0.01], or numbers like 1-10");
                break;
        }

        return axis;
    }

    private Axis ReadEntries(MapNode node)
    {
        var axis = new Axis();
        if (node is MapList list)
            FillValues(axis, list, typed: false);
        else
            Spoil(node, $"entries is {node.Kind}", "write a list, like [a, b, { x: 1 }]");

        return axis;
    }

    /// <summary>Single values are text as they are written; where one is a table or a list, or numbers keep their type, all are JSON.</summary>
    private void FillValues(Axis axis, MapList list, bool typed)
    {
        axis.Json = list.Items.Any(i => i is not MapScalar || (typed && MapJson.IsTyped(i)));
        foreach (var item in list.Items)
        {
            if (axis.Json)
                axis.Values.Add(MapJson.Write(item));
            else if (_values.Text(item, "an entry", out var text))
                axis.Values.Add(text);
            else
                log.Silence(_given!);
        }
    }

    private void ReadFile(MapNode node, string what, EntryFiles.Reader read, TaskTemplate task)
    {
        var axis = new Axis();
        task.Axes.Add(axis);
        if (!_values.Text(node, what, out var path))
            return;

        if (context.MapDirectory is not { } folder)
        {
            Spoil(node, $"{what} is read by the one who submits, and this map is in no folder", "give the entries themselves as 'entries'");
            return;
        }

        if (TextRules.ArgumentProblem(path) is { } problem)
        {
            Spoil(node, $"{what} {problem}", "");
            return;
        }

        var error = EntryFiles.Read(OwnProcess.PathOf(Path.GetFullPath(path, folder)), read, axis);
        if (error is not null)
            Spoil(node, $"{what} '{Quote.Shorten(path)}' {error}", $"a path relative to the map's folder, {folder}");
    }

    private void Spoil(MapNode node, string problem, string remedy)
    {
        log.Spoil(node, problem, remedy);
        log.Silence(_given!);
    }
}
