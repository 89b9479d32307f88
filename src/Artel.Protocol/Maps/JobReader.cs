using Artel.Protocol.V1;
using Google.Protobuf.Collections;

namespace Artel.Protocol.Maps;

/// <summary>Reads the tree of a map into a job, and keeps what is needed to say where in the text a place of the job is.</summary>
internal sealed class JobReader(MistakeLog log, MapContext context)
{
    private readonly ValueReader _values = new(log);
    private readonly TaskReader _tasks = new(log, context);
    private readonly JobTermReader _terms = new(log, context);
    private readonly JobSpec _job = new();
    private TaskTemplate _defaults = new();
    private TaskTemplate _listDefaults = new();
    private long _bytes;
    private int _templates;
    private bool _isTooLarge;

    /// <summary>The job as far as it could be read; null where there is nothing to check.</summary>
    public (JobSpec Job, MapPlaces Places)? Read(MapNode root)
    {
        if (root is not MapTable table)
        {
            log.Add(root, $"the map is {root.Kind}", "a map is a table with the keys tasks, nodes and others, like 'tasks: [[echo, hello]]'");
            return null;
        }

        var places = new MapPlaces(log, table);
        if (table.Find("defaults") is { } defaults)
        {
            _defaults = _tasks.ReadDefaults(defaults.Value);
            _listDefaults = _defaults.Clone();
            // Tasks of a list keep to their node: what is said for all tasks is said for those that can.
            if (_listDefaults.Retry is { } retry)
                retry.AvoidSameNode = false;

            // And a list has an at_once of its own.
            _listDefaults.AtOnce = 0;

            places.Defaults = defaults.Value as MapTable;
        }

        foreach (var entry in table.Entries)
            ReadEntry(entry, places);

        return _isTooLarge ? null : (_job, places);
    }

    private void ReadEntry(MapEntry entry, MapPlaces places)
    {
        switch (entry.Key.Text)
        {
            case "name":
                if (_values.Text(entry.Value, "name", out var name))
                    _job.Name = name;
                break;
            case "priority":
                if (_values.Whole(entry.Value, "priority", out int priority))
                    _job.Priority = priority;
                break;
            case "hold":
                if (_values.Truth(entry.Value, "hold", out var hold))
                    _job.Hold = hold;
                break;
            case "defaults":
            case "$schema":
                // Defaults are read before everything else; $schema is for the editors of those who write JSON.
                break;
            case "on_end":
                _job.OnEnd = new OnEndReader(log, context).Read(entry.Value);
                break;
            case "nodes":
                foreach (var node in _values.Table(entry.Value, "nodes", "{ 1: [[./simulate, --seed, 1]] }"))
                    ReadSection(node, places);
                SilenceNoTasks(entry.Value, places);
                break;
            case "tasks":
                ReadTasks(entry.Value, "tasks", _defaults, _job.Tasks, places.Tasks);
                SilenceNoTasks(entry.Value, places);
                break;
            default:
                if (_terms.TryRead(entry, _job))
                    break;

                log.Add(entry.Key, $"unknown key '{Quote.Shorten(entry.Key.Text)}'", Remedy(entry.Key.Text));
                if (MapKeys.Meant(entry.Key.Text, MapKeys.Job) is "tasks" or "nodes")
                    log.Silence(places.Root);
                break;
        }
    }

    private void ReadSection(MapEntry node, MapPlaces places)
    {
        var section = new NodeSection { Node = node.Key.Text };
        var place = new MapSection(node.Key, node.Value);
        _job.Sections.Add(section);
        places.Sections.Add(place);

        var what = $"the list of node {Quote.Shorten(node.Key.Text)}";
        if (node.Value is not MapTable table)
        {
            ReadTasks(node.Value, what, _listDefaults, section.Tasks, place.Tasks);
            SilenceNoTasks(node.Value, places);
            return;
        }

        foreach (var (key, value) in table.Entries)
        {
            switch (key.Text)
            {
                case "at_once":
                    // 0 would mean "not given" on the wire.
                    if (_values.Whole(value, "at_once", out int atOnce))
                        section.AtOnce = atOnce == 0 ? -1 : atOnce;
                    break;
                case "tasks":
                    ReadTasks(value, what, _listDefaults, section.Tasks, place.Tasks);
                    SilenceNoTasks(value, places);
                    break;
                default:
                    log.Add(key, $"unknown key '{Quote.Shorten(key.Text)}' in {what}", MapKeys.Remedy(key.Text, MapKeys.Section));
                    break;
            }
        }

        if (table.Find("tasks") is null)
        {
            log.Add(node.Key, $"{what} has no 'tasks'", "write a list of tasks, or { at_once: 4, tasks: [ … ] }");
            log.Silence(places.Root);
        }
    }

    private void ReadTasks(MapNode node, string what, TaskTemplate defaults, RepeatedField<TaskTemplate> into, List<MapNode> places)
    {
        foreach (var item in _values.List(node, what, "[[./simulate, --seed, 1]]"))
        {
            // What defaults and aliases repeat is counted while it grows, not when it fills the memory.
            if (_isTooLarge)
                return;

            if (++_templates > SubmissionLimits.MaxTemplates)
            {
                _isTooLarge = true;
                log.Add(
                    item,
                    $"the map has more than {IndexSets.Plain(SubmissionLimits.MaxTemplates)} tasks that are written out",
                    "use an array or a list of entries, or split it into several maps");
                return;
            }

            var task = _tasks.Read(item, defaults);
            into.Add(task);
            places.Add(item);
            _bytes += task.CalculateSize();
            if (_bytes > JobLimits.MaxJobBytes)
            {
                _isTooLarge = true;
                log.Add(
                    item,
                    $"with this task the job is larger than {Sizes.Format(JobLimits.MaxJobBytes)}, the most that can be submitted at once",
                    "say the same with an array, or split it into several jobs");
            }
        }
    }

    /// <summary>A list that could not be read is a mistake already; that the job has no tasks then is none of its own.</summary>
    private void SilenceNoTasks(MapNode list, MapPlaces places)
    {
        if (log.IsSilenced(list))
            log.Silence(places.Root);
    }

    private static string Remedy(string key) => MapKeys.Meant(key, MapKeys.Job) is null && MapKeys.Task.Contains(key)
        ? "it belongs to a task, or under 'defaults' for all tasks"
        : MapKeys.Remedy(key, MapKeys.Job);
}
