using System.Globalization;
using System.Text;
using System.Text.Json;
using Artel.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Artel.Protocol.Maps;

/// <summary>Writes a job as a map: read again, it is the same job, wherever it is read. Times and paths are absolute in it.</summary>
public static class MapWriter
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="job">One in which <see cref="JobSpecs.ValidateSpec"/> finds no mistakes.</param>
    public static string Write(JobSpec job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var map = new MapText();
        map.Text("name", job.Name);
        if (job.Priority != 0)
            map.Raw("priority", Number(job.Priority));

        map.Truth("hold", job.Hold);
        if (job.StartAt is not null)
            map.Text("start_at", Moments.Format(job.StartAt));

        if (job.Deadline is not null)
            map.Text("deadline", Moments.Format(job.Deadline));

        if (job.HasMaxFails)
            map.Raw("max_fails", Number(job.MaxFails));

        map.List("tags", job.Tags.Select(MapText.Quoted));
        map.Table("limits", job.Limits.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => (l.Key, Number(l.Value))));
        map.List("after", job.After.Select(d => Waits("job", JobDependencies.Format(d), d.AnyOutcome)));
        WriteOnEnd(map, job.OnEnd);
        if (job.Sections.Count > 0)
        {
            map.Open("nodes");
            foreach (var section in job.Sections)
            {
                map.Open(section.Node);
                if (section.AtOnce > 0)
                    map.Raw("at_once", Number(section.AtOnce));

                WriteTasks(map, section.Tasks);
                map.Close();
            }

            map.Close();
        }

        if (job.Tasks.Count > 0 || job.Sections.Count == 0)
            WriteTasks(map, job.Tasks);

        return map.ToString();
    }

    private static void WriteTasks(MapText map, RepeatedField<TaskTemplate> tasks)
    {
        if (tasks.Count == 0)
        {
            map.Raw("tasks", "[]");
            return;
        }

        map.Open("tasks");
        foreach (var task in tasks)
        {
            map.Item();
            WriteTask(map, task);
            map.Close();
        }

        map.Close();
    }

    private static void WriteTask(MapText map, TaskTemplate task)
    {
        map.List("run", task.Run.Select(MapText.Quoted));
        map.Text("name", task.Name);
        if (task.Script is { } script)
        {
            map.Open("script");
            map.Raw("path", MapText.Quoted(script.Path));
            var (isText, content) = TextOf(script.Content);
            map.Raw(isText ? "text" : "base64", content);
            map.Close();
        }

        if (task.Array is not null)
            map.Text("array", IndexSets.Format(task.Array));

        if (task.Axes is [{ Name: "" } only])
            map.List("entries", Values(only));
        else
            map.Table("matrix", task.Axes.Select(axis => (axis.Name, WriteAxis(axis))));

        map.List("after", task.After.Where(d => !d.Each).Select(d => Waits("task", d.Name, d.AnyOutcome)));
        map.List("after_each", task.After.Where(d => d.Each).Select(d => Waits("task", d.Name, d.AnyOutcome)));
        map.Table("env", Pairs(task.Env));
        map.Text("cwd", task.Scratch ? "scratch" : task.Cwd);
        if (task.HasStdin)
            WriteStdin(map, task.Stdin);

        WriteNeeds(map, task.Needs);
        map.Truth("pin", task.Pin);
        map.Table("labels", Pairs(task.Labels));
        map.Table("prefer", Pairs(task.Prefer));
        map.List("tags", task.Tags.Select(MapText.Quoted));
        if (task.AtOnce > 0)
            map.Raw("at_once", Number(task.AtOnce));

        WriteRetry(map, task.Retry);
        WriteTime(map, "timeout", task.Timeout);
        WriteTime(map, "grace", task.Grace);
        if (task.OnNodeLost != OnNodeLost.Unspecified)
            map.Raw("on_node_lost", task.OnNodeLost switch { OnNodeLost.Requeue => "requeue", OnNodeLost.Wait => "wait", _ => "fail" });

        map.Truth("exclusive", task.Exclusive);
        if (task.OutputLimit > 0)
            map.Raw("output_limit", Number(task.OutputLimit));
    }

    // Where its command runs is where it was submitted, which a map does not say.
    private static void WriteOnEnd(MapText map, OnEnd? onEnd)
    {
        if (onEnd is null)
            return;

        map.Open("on_end");
        map.List("run", onEnd.Command.Select(MapText.Quoted));
        map.Text("webhook", onEnd.Webhook);
        if (onEnd.When != OnEnd.Types.When.Unspecified)
            map.Raw("when", onEnd.When switch { OnEnd.Types.When.Success => "success", OnEnd.Types.When.Failure => "failure", _ => "always" });

        map.Close();
    }

    private static string WriteAxis(Axis axis)
    {
        var values = axis.Indices is { } indices ? MapText.Quoted(IndexSets.Format(indices)) : $"[{string.Join(", ", Values(axis))}]";
        return axis.Linked ? $"{{ values: {values}, linked: true }}" : values;
    }

    private static IEnumerable<string> Values(Axis axis) => axis.Json ? axis.Values.Select(Json) : axis.Values.Select(MapText.Quoted);

    // Not as it came: JSON writes some characters as two escapes, which YAML takes for two characters.
    private static string Json(string value)
    {
        using var document = JsonDocument.Parse(value);
        return Json(document.RootElement);
    }

    private static string Json(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(", ", value.EnumerateObject().Select(m => $"{MapText.Quoted(m.Name)}: {Json(m.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Json))}]",
        JsonValueKind.String => MapText.Quoted(value.GetString()!),
        _ => value.GetRawText(),
    };

    private static void WriteStdin(MapText map, ByteString bytes)
    {
        var (isText, content) = TextOf(bytes);
        map.Raw(isText ? "stdin" : "stdin_base64", content);
    }

    /// <summary>In quotes: what can be text in a map as text, all else as base64.</summary>
    private static (bool IsText, string Quoted) TextOf(ByteString bytes)
    {
        try
        {
            var text = Strict.GetString(bytes.Span);
            if (!text.Contains('\0', StringComparison.Ordinal))
                return (true, MapText.Quoted(text));
        }
        catch (DecoderFallbackException)
        {
            // Any bytes may be there.
        }

        return (false, MapText.Quoted(bytes.ToBase64()));
    }

    private static void WriteNeeds(MapText map, Needs? needs)
    {
        if (needs is null)
            return;

        var parts = new List<string>();
        if (needs.HasMilliCpus)
            parts.Add($"cpus: {Thousandths.Format(needs.MilliCpus)}");

        if (needs.MemoryBytes > 0)
            parts.Add($"memory: {Number(needs.MemoryBytes)}");

        if (needs.MilliGpus > 0)
            parts.Add($"gpus: {Thousandths.Format(needs.MilliGpus)}");

        if (needs.Counters.Count > 0)
            parts.Add($"counters: {{ {string.Join(", ", needs.Counters.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{MapText.Word(c.Key)}: {Number(c.Value)}"))} }}");

        map.Raw("needs", parts.Count == 0 ? "{}" : $"{{ {string.Join(", ", parts)} }}");
    }

    private static void WriteRetry(MapText map, RetryPolicy? retry)
    {
        if (retry is null)
            return;

        // Equals would not do: to it a 0 that is set is the same as none.
        if (retry.CalculateSize() == 0)
        {
            map.Raw("retry", "{}");
            return;
        }

        map.Open("retry");
        if (retry.HasRetries)
            map.Raw("retries", Number(retry.Retries));

        WriteTime(map, "backoff", retry.Backoff);
        if (retry.Factor != 0)
            map.Raw("factor", retry.Factor.ToString("R", CultureInfo.InvariantCulture));

        WriteTime(map, "max_backoff", retry.MaxBackoff);
        if (retry.HasJitter)
            map.Raw("jitter", retry.Jitter.ToString("0.################", CultureInfo.InvariantCulture));

        if (retry.RetryOn is not null)
            map.Text("retry_on", FailureSets.Format(retry.RetryOn));

        if (retry.NoRetryOn is not null)
            map.Text("no_retry_on", FailureSets.Format(retry.NoRetryOn));

        map.Truth("avoid_same_node", retry.AvoidSameNode);
        map.Close();
    }

    private static void WriteTime(MapText map, string key, Duration? duration)
    {
        if (duration?.ToTimeSpan() is { } time)
            map.Raw(key, time.Ticks % TimeSpan.TicksPerMillisecond == 0 ? Durations.Format(time) : (time.Ticks / 10_000_000m).ToString("0.#######", CultureInfo.InvariantCulture) + "s");
    }

    private static string Waits(string key, string word, bool anyOutcome) =>
        anyOutcome ? $"{{ {key}: {MapText.Quoted(word)}, outcome: any }}" : MapText.Quoted(word);

    private static IEnumerable<(string, string)> Pairs(MapField<string, string> pairs) =>
        pairs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, MapText.Quoted(p.Value)));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
