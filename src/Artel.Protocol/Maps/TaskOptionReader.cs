using System.Text;
using Artel.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Artel.Protocol.Maps;

/// <summary>
/// Reads the keys that may stand in a task and in <c>defaults</c>. Tables (env, labels, needs, retry) are merged into what the
/// defaults gave, key by key; everything else replaces it.
/// </summary>
internal sealed class TaskOptionReader(MistakeLog log, MapContext context)
{
    private readonly ValueReader _values = new(log);
    private readonly StdinReader _stdin = new(log, context);
    private readonly RetryReader _retry = new(log);

    /// <summary>False where it is no such key.</summary>
    public bool TryRead(MapEntry entry, TaskTemplate task)
    {
        var value = entry.Value;
        switch (entry.Key.Text)
        {
            case "env":
                ReadPairs(value, "env", "{ SEED: 1 }", "the variable", task.Env);
                break;
            case "labels":
                ReadPairs(value, "labels", "{ os: linux }", "the label", task.Labels);
                break;
            case "cwd":
                ReadCwd(value, task);
                break;
            case "stdin":
                if (_values.Text(value, "stdin", out var text))
                    task.Stdin = ByteString.CopyFrom(text, Encoding.UTF8);
                break;
            case "stdin_file":
                if (_values.Text(value, "stdin_file", out var file) && _stdin.Read(value, file) is { } bytes)
                    task.Stdin = bytes;
                break;
            case "stdin_base64":
                if (_values.Text(value, "stdin_base64", out var encoded))
                    ReadBytes(value, encoded, task);
                break;
            case "pin":
                if (_values.Truth(value, "pin", out var pin))
                    task.Pin = pin;
                break;
            case "prefer":
                ReadPairs(value, "prefer", "{ disk: ssd }", "the label", task.Prefer);
                break;
            case "tags":
                _values.Words(value, "tags", "[nightly, db]", task.Tags);
                break;
            case "at_once":
                // 0 would mean "not given" on the wire.
                if (_values.Whole(value, "at_once", out int atOnce))
                    task.AtOnce = atOnce == 0 ? -1 : atOnce;
                break;
            case "needs":
                ReadNeeds(value, task.Needs ??= new Needs());
                break;
            case "retry":
                _retry.Read(value, task.Retry ??= new RetryPolicy());
                break;
            case var key when MapKeys.RetryOfTask.Contains(key):
                _retry.TryRead(entry, task.Retry ??= new RetryPolicy());
                break;
            case "timeout":
                if (_values.Time(value, "timeout", out var timeout))
                    task.Timeout = timeout;
                break;
            case "grace":
                if (_values.Time(value, "grace", out var grace))
                    task.Grace = grace;
                break;
            case "on_node_lost":
                ReadOnNodeLost(value, task);
                break;
            case "exclusive":
                if (_values.Truth(value, "exclusive", out var exclusive))
                    task.Exclusive = exclusive;
                break;
            case "output_limit":
                if (_values.Size(value, "output_limit", out var limit))
                    ReadOutputLimit(value, limit, task);
                break;
            default:
                return false;
        }

        return true;
    }

    private void ReadPairs(MapNode node, string what, string example, string each, MapField<string, string> into)
    {
        foreach (var entry in _values.Table(node, what, example))
        {
            if (_values.Text(entry.Value, $"{each} {Quote.Shorten(entry.Key.Text)}", out var text))
                into[entry.Key.Text] = text;
        }
    }

    private void ReadBytes(MapNode node, string encoded, TaskTemplate task)
    {
        var bytes = new byte[encoded.Length];
        if (Convert.TryFromBase64String(encoded, bytes, out var length))
            task.Stdin = ByteString.CopyFrom(bytes, 0, length);
        else
            log.Spoil(node, "stdin_base64 is no base64", "what 'base64 FILE' prints");
    }

    private void ReadCwd(MapNode node, TaskTemplate task)
    {
        if (!_values.Text(node, "cwd", out var path))
            return;

        (task.Cwd, task.Scratch) = ("", path == "scratch");
        if (task.Scratch)
            return;

        if (path.Length == 0)
            log.Spoil(node, "cwd is empty", "a path, or leave it out");
        else if (path[0] == '$' || path == "~" || path.StartsWith("~/", StringComparison.Ordinal))
            log.Spoil(node, $"cwd '{Quote.Shorten(path)}': no shell reads it, so ~ and variables are not replaced", "the path itself");
        else if (Paths.IsAbsolute(path) || TextRules.ArgumentProblem(path) is not null)
            task.Cwd = path;
        else if (context.MapDirectory is { } folder)
            task.Cwd = TaskFolder.Of(path, folder);
        else
            log.Spoil(node, $"cwd '{Quote.Shorten(path)}' is relative to the map's folder, and this map is in none", "an absolute path");
    }

    private void ReadNeeds(MapNode node, Needs needs)
    {
        foreach (var (key, value) in _values.Table(node, "needs", "{ cpus: 2, memory: 4GiB }"))
        {
            switch (key.Text)
            {
                case "cpus":
                    if (_values.Amount(value, "cpus", out var cpus))
                        needs.MilliCpus = cpus;
                    break;
                case "memory":
                    if (_values.Size(value, "memory", out var memory))
                        needs.MemoryBytes = memory;
                    break;
                case "gpus":
                    if (_values.Amount(value, "gpus", out var gpus))
                        needs.MilliGpus = gpus;
                    break;
                case "counters":
                    ReadCounters(value, needs);
                    break;
                default:
                    log.Add(
                        key,
                        $"unknown key '{Quote.Shorten(key.Text)}' in needs",
                        MapKeys.Meant(key.Text, MapKeys.Needs) is { } meant
                            ? $"did you mean '{meant}'?"
                            : $"things of your own are counters, like counters: {{ {Quote.Shorten(key.Text)}: 1 }}");
                    break;
            }
        }
    }

    private void ReadCounters(MapNode node, Needs needs)
    {
        foreach (var entry in _values.Table(node, "counters", "{ licences: 2 }"))
        {
            if (_values.Whole(entry.Value, $"the counter {Quote.Shorten(entry.Key.Text)}", out long count))
                needs.Counters[entry.Key.Text] = count;
        }
    }

    private void ReadOnNodeLost(MapNode node, TaskTemplate task)
    {
        if (!_values.Text(node, "on_node_lost", out var word))
            return;

        string[] words = ["requeue", "wait", "fail"];
        switch (word)
        {
            case "requeue":
                task.OnNodeLost = OnNodeLost.Requeue;
                break;
            case "wait":
                task.OnNodeLost = OnNodeLost.Wait;
                break;
            case "fail":
                task.OnNodeLost = OnNodeLost.Fail;
                break;
            default:
                log.Spoil(node, $"on_node_lost is '{Quote.Shorten(word)}'", Nearest.Remedy(word, words, "one of requeue, wait, fail"));
                break;
        }
    }

    private void ReadOutputLimit(MapNode node, long limit, TaskTemplate task)
    {
        // 0 means "not given" on the wire; a task that should keep nothing is not what someone gets who writes 0.
        if (limit == 0)
            log.Spoil(node, "output_limit is 0", "a size from 1 byte, or leave it out for 64MiB");
        else
            task.OutputLimit = limit;
    }
}
