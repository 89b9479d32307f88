namespace Artel.Protocol.Maps;

/// <summary>The list of one node as it is written.</summary>
internal sealed record MapSection(MapScalar Key, MapNode Value)
{
    /// <summary>In the order of the job's section.</summary>
    public List<MapNode> Tasks { get; } = [];
}

/// <summary>Says where in the text a place of the job is, so that the rules, which know only the job, can point into the map.</summary>
internal sealed class MapPlaces(MistakeLog log, MapTable root)
{
    public MapTable Root => root;

    public MapTable? Defaults { get; set; }

    /// <summary>In the order of the job's sections.</summary>
    public List<MapSection> Sections { get; } = [];

    /// <summary>In the order of the job's tasks.</summary>
    public List<MapNode> Tasks { get; } = [];

    /// <summary>The value to point at; null where the map's reader has said what is wrong there already.</summary>
    public MapNode? Find(SpecPlace place)
    {
        if (place.Task is { } task)
            return FindInTask(place.Section is { } list ? Sections[list].Tasks[task] : Tasks[task], place);

        if (place.Section is { } section)
            return Heard(place.Field.Length == 0 ? Sections[section].Key : Value(Sections[section].Value, place.Field) ?? Sections[section].Value);

        if (place.Field is not { Length: > 0 } field)
            return Heard(root);

        var given = FieldValue(root, field) ?? (field == "max_fails" ? Value(root, "fail_fast") : null);
        return given is null ? Heard(root) : Inner(given, place);
    }

    private MapNode? FindInTask(MapNode task, SpecPlace place)
    {
        if (log.IsSilenced(task))
            return null;

        if (task is MapList arguments && place.Field == "run")
            return Inner(arguments, place);

        if (task is MapTable && place.Field == "run" && Value(task, "run") is null)
            return null;

        if (place.Field.Length == 0)
            return task;

        // A task's own value hides the default, except in tables, which are merged.
        var own = FieldValue(task, place.Field);
        var given = own is not null && (place.Key is null || (own as MapTable)?.Find(place.Key) is not null)
            ? own
            : FieldValue(Defaults, place.Field) ?? own;
        return given is null ? task : Heard(given) is null ? null : Inner(given, place);
    }

    private MapNode? Inner(MapNode value, SpecPlace place)
    {
        if (place.Key is not null && (value as MapTable)?.Find(place.Key) is { } entry)
            return Heard(entry.Value) is null ? null : entry.Key;

        if (place.Item is { } item && value is MapList list && item < list.Items.Count)
            return Heard(list.Items[item]);

        return Heard(value);
    }

    private static MapNode? FieldValue(MapNode? task, string field)
    {
        var dot = field.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            return field switch
            {
                "stdin" => Value(task, "stdin") ?? Value(task, "stdin_file") ?? Value(task, "stdin_base64"),
                "entries" => MapKeys.Entries.Select(key => Value(task, key)).FirstOrDefault(v => v is not null),
                "at_once" => Value(task, "at_once") ?? Value(task, "array"),
                _ => Value(task, field),
            };
        }

        var inner = Value(Value(task, field[..dot]), field[(dot + 1)..]);
        return inner ?? (field.StartsWith("retry.", StringComparison.Ordinal) ? Value(task, field[(dot + 1)..]) : null);
    }

    private static MapNode? Value(MapNode? node, string key) => (node as MapTable)?.Find(key)?.Value;

    private MapNode? Heard(MapNode node) => log.IsSilenced(node) ? null : node;
}
