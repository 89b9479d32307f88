using System.Buffers;
using Artel.Protocol.V1;
using Google.Protobuf;

namespace Artel.Protocol.Maps;

/// <summary>
/// Reads one task, in its short or long form, over the defaults. A task comes back whatever its mistakes: what could be read
/// of it is still checked by the rules.
/// </summary>
internal sealed class TaskReader(MistakeLog log, MapContext context)
{
    private const string ListOrTable = "write the argument array, like [./simulate, --seed, 1], or a table with the key 'run'";
    // Characters that a shell or YAML would take for more than themselves.
    private static readonly SearchValues<char> ShellCharacters = SearchValues.Create("|&;<>()$`\\\"'*?~#=%!{}[],:");
    private readonly ValueReader _values = new(log);
    private readonly OutcomeReader _outcomes = new(log);
    private readonly TaskOptionReader _options = new(log, context);

    /// <summary>The options that every task begins with.</summary>
    public TaskTemplate ReadDefaults(MapNode node)
    {
        var defaults = new TaskTemplate();
        foreach (var entry in _values.Table(node, "defaults", "{ retries: 2 }"))
        {
            var key = entry.Key.Text;
            if (MapKeys.OwnOfTask.Contains(key))
                log.Add(entry.Key, $"'{key}' can not be a default", "give it to each task");
            else if (!_options.TryRead(entry, defaults))
                UnknownKey(entry, "defaults", MapKeys.Options);
        }

        return defaults;
    }

    public TaskTemplate Read(MapNode node, TaskTemplate defaults)
    {
        var task = defaults.Clone();
        switch (node)
        {
            case MapList list:
                ReadRun(list, task);
                break;
            case MapTable table:
                ReadLongForm(table, task);
                break;
            case MapScalar { IsNull: false } line:
                log.Spoil(line, $"a task is {Shown(line)}", ArrayFor(line.Text));
                break;
            default:
                log.Spoil(node, $"a task is {node.Kind}", ListOrTable);
                break;
        }

        if (task.Cwd.Length == 0 && !task.Scratch)
            task.Cwd = TaskMarks.Escape(context.SubmissionDirectory ?? "");

        return task;
    }

    private void ReadLongForm(MapTable table, TaskTemplate task)
    {
        foreach (var key in MapKeys.RetryOfTask)
        {
            if (table.Find(key) is { } given && (table.Find("retry")?.Value as MapTable)?.Find(key) is { } again)
                log.Add(again.Key, $"'{key}' is given twice", $"in line {given.Key.Line} it is given already");
        }

        var stdins = table.Entries.Where(e => e.Key.Text is "stdin" or "stdin_file" or "stdin_base64").ToList();
        if (stdins.Count > 1)
            log.Add(stdins[1].Key, $"both '{stdins[0].Key.Text}' and '{stdins[1].Key.Text}'", "give one of them");

        if (table.Find("at_once") is { } both && table.Find("array")?.Value is { } indices && ArrayText.SaysAtOnce(indices))
            log.Add(both.Key, "'at_once' is given twice", "the '%' of 'array' says it already");

        var entries = new EntryReader(log, context);

        var hasRun = false;
        foreach (var entry in table.Entries)
        {
            switch (entry.Key.Text)
            {
                case "name":
                    if (_values.Text(entry.Value, "the name", out var name))
                        task.Name = name;
                    break;
                case "run":
                    ReadRun(entry.Value, task);
                    hasRun = true;
                    break;
                case "array":
                    ReadArray(entry.Value, task);
                    break;
                case "script":
                    ReadScript(entry.Value, task);
                    break;
                case "after":
                    ReadAfter(entry.Value, "after", each: false, task);
                    break;
                case "after_each":
                    ReadAfter(entry.Value, "after_each", each: true, task);
                    break;
                default:
                    if (entries.TryRead(entry, task) || _options.TryRead(entry, task))
                        break;
                    UnknownKey(entry, "a task", MapKeys.Task);
                    hasRun |= MapKeys.Meant(entry.Key.Text, MapKeys.Task) == "run";
                    break;
            }
        }

        if (!hasRun)
            log.Add(table, "the task has no 'run'", "write the program and its arguments, like run: [./simulate, --seed, 1]");
    }

    private void ReadScript(MapNode node, TaskTemplate task)
    {
        const string example = "{ path: /home/me/job.sh, text: \"…\" }";
        var script = task.Script = new Script();
        var hasContent = false;
        foreach (var (key, value) in _values.Table(node, "script", example))
        {
            switch (key.Text)
            {
                case "path":
                    if (_values.Text(value, "the path of the script", out var path))
                        script.Path = path;
                    break;
                case "text" or "base64" when hasContent:
                    log.Add(key, "the script has both 'text' and 'base64'", "give one of them");
                    break;
                case "text":
                    hasContent = true;
                    if (_values.Text(value, "the text of the script", out var text))
                        script.Content = ByteString.CopyFromUtf8(text);
                    break;
                case "base64":
                    hasContent = true;
                    if (!_values.Text(value, "the script as base64", out var encoded))
                        break;

                    var bytes = new byte[encoded.Length];
                    if (Convert.TryFromBase64String(encoded, bytes, out var length))
                        script.Content = ByteString.CopyFrom(bytes, 0, length);
                    else
                        log.Spoil(value, "base64 of the script is not base64", "what 'base64 FILE' prints");
                    break;
                default:
                    log.Add(
                        key,
                        $"unknown key '{Quote.Shorten(key.Text)}' in script",
                        MapKeys.Remedy(key.Text, ["path", "text", "base64"]));
                    break;
            }
        }
    }

    private void ReadRun(MapNode node, TaskTemplate task)
    {
        if (node is MapScalar { IsNull: false } line)
        {
            log.Spoil(line, $"run is one text, {Shown(line)}, not an argument array", ArrayFor(line.Text));
            return;
        }

        // A wrong argument keeps its place, so that what is said about the others points at them.
        foreach (var item in _values.List(node, "run", "[./simulate, --seed, 1]"))
        {
            _ = _values.Text(item, $"argument {task.Run.Count} of run", out var argument);
            task.Run.Add(argument);
        }
    }

    private void ReadArray(MapNode node, TaskTemplate task)
    {
        var items = node is MapList list ? list.Items : [node];
        var set = new IndexSet();
        var atOnce = 0;
        foreach (var item in items)
        {
            if (!_values.Text(item, "array", out var text))
            {
                log.Silence(node);
                continue;
            }

            if (!ArrayText.TryCut(ref text, ref atOnce, out var error) || !IndexSets.TryAdd(set, text, out error))
            {
                log.Add(item, $"array: {error}");
                log.Silence(node);
            }
        }

        task.Array = set;
        if (atOnce > 0)
            task.AtOnce = atOnce;
    }

    private void ReadAfter(MapNode node, string what, bool each, TaskTemplate task)
    {
        foreach (var item in node is MapList list ? list.Items : [node])
        {
            var (name, any) = _outcomes.Read(item, what, "task");
            task.After.Add(new Dependency { Name = name, AnyOutcome = any, Each = each });
        }
    }

    private void UnknownKey(MapEntry entry, string where, string[] known)
    {
        var key = entry.Key.Text;
        var elsewhere = MapKeys.Meant(key, known) is not null ? null
            : MapKeys.Needs.Contains(key) ? $"it belongs under 'needs', like needs: {{ {key}: … }}"
            : MapKeys.Retry.Contains(key) ? $"it belongs under 'retry', like retry: {{ {key}: … }}"
            : MapKeys.Job.Contains(key) ? "it belongs to the whole map, not to a task"
            : null;
        log.Add(entry.Key, $"unknown key '{Quote.Shorten(key)}' in {where}", elsewhere ?? MapKeys.Remedy(key, known));
    }

    private static string Shown(MapScalar line) => $"'{Quote.Shorten(line.Text)}'";

    /// <summary>The argument array that a command line was meant to be; through a shell where it uses one.</summary>
    private static string ArrayFor(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || line.Length > 60 || line.Any(char.IsControl))
            return "write the program and its arguments as a list, or [sh, -c, '…'] for a shell";

        return line.AsSpan().ContainsAny(ShellCharacters)
            ? $"write the program and its arguments as a list, or for a shell [sh, -c, '{line.Replace("'", "''", StringComparison.Ordinal)}']"
            : $"write [{string.Join(", ", words)}]";
    }
}
