using System.Buffers;
using System.Globalization;
using Artel.Protocol.Maps;

namespace Artel.Cli.Submitting;

/// <summary>
/// Options of sbatch in the words of <c>artel submit</c>, where they mean the same. Everything else is left out with a warning that
/// names its line. Source of the options: the manual page of sbatch.
/// </summary>
internal sealed class SlurmOptions(string file, TimeProvider clock, bool withHold)
{
    private static readonly Dictionary<char, string> ShortNames = new()
    {
        ['J'] = "job-name",
        ['a'] = "array",
        ['c'] = "cpus-per-task",
        ['t'] = "time",
        ['G'] = "gpus",
        ['D'] = "chdir",
        ['d'] = "dependency",
        ['H'] = "hold",
        ['o'] = "output",
        ['e'] = "error",
        ['i'] = "input",
        ['C'] = "constraint",
        ['w'] = "nodelist",
        ['L'] = "licenses",
        ['n'] = "ntasks",
        ['N'] = "nodes",
        ['p'] = "partition",
        ['A'] = "account",
        ['q'] = "qos",
        ['b'] = "begin",
        ['W'] = "wait",
    };

    // Features of which one is enough, or that are counted: a label says neither.
    private static readonly SearchValues<char> Choices = SearchValues.Create("|[]()*!");
    private static readonly HashSet<string> Flags = ["hold", "requeue", "no-requeue", "wait", "exclusive", "parsable", "quiet", "verbose", "overcommit", "contiguous"];
    private readonly List<string[]> _lines = [];
    private readonly List<string> _warnings = [];
    private long _cpus = 1;
    private (int Place, long Bytes)? _memoryPerCpu;
    private int _line;

    /// <summary>Words for <c>artel submit</c>, an option an item, in the order of the script.</summary>
    public IEnumerable<string[]> Lines => _memoryPerCpu is var (place, bytes)
        ? [.. _lines.Take(place), ["--memory", Number(bytes * _cpus)], .. _lines.Skip(place)]
        : _lines;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Takes one <c>#SBATCH</c> line.</summary>
    public void Take(int line, List<string> words)
    {
        _line = line;
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            string name;
            string? value = null;
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                var equals = word.IndexOf('=', StringComparison.Ordinal);
                name = equals < 0 ? word[2..] : word[2..equals];
                value = equals < 0 ? null : word[(equals + 1)..];
            }
            else if (word.Length >= 2 && word[0] == '-' && ShortNames.TryGetValue(word[1], out var known))
            {
                name = known;
                value = word.Length > 2 ? word[2..].TrimStart('=') : null;
            }
            else
            {
                Warn(word, "is not known: left out");
                continue;
            }

            if (value is null && !Flags.Contains(name) && i + 1 < words.Count && !words[i + 1].StartsWith('-'))
                value = words[++i];

            Take(name, value ?? "");
        }
    }

    private void Take(string name, string value)
    {
        var shown = $"--{name}{(value.Length == 0 ? "" : "=")}{value}";
        switch (name)
        {
            case "job-name":
                Add("--name", value);
                break;
            case "array":
                Add("--array", value);
                break;
            case "cpus-per-task" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var cpus) && cpus > 0:
                _cpus = cpus;
                Add("--cpus", value);
                break;
            case "mem" when SlurmAmounts.Memory(value) is > 0 and var memory:
                Add("--memory", Number(memory));
                break;
            case "mem-per-cpu" when SlurmAmounts.Memory(value) is > 0 and var each:
                _memoryPerCpu = (_lines.Count, each);
                break;
            case "time" when SlurmAmounts.Time(value) is { } time:
                if (time > TimeSpan.Zero)
                    Add("--timeout", Durations.Format(time));
                break;
            case "gpus" or "gpus-per-task" or "gpus-per-node":
                TakeGpus(value, shown);
                break;
            case "gres" when value.Split(',') is [var only] && (only == "gpu" || only.StartsWith("gpu:", StringComparison.Ordinal)):
                TakeGpus(only.Length == 3 ? "1" : only[4..], shown);
                break;
            case "chdir":
                Add("--cwd", TaskMarks.Escape(value));
                break;
            case "dependency":
                TakeDependencies(value, shown);
                break;
            case "begin" or "deadline" when SlurmAmounts.Moment(value, clock) is { } moment:
                Add(name == "begin" ? "--start-at" : "--deadline", moment);
                break;
            case "hold" when withHold:
                Add("--hold");
                break;
            case "nice" or "priority" when long.TryParse(value.Length == 0 ? "100" : value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var nice):
                TakePriority(name == "nice" ? -nice : nice, shown);
                break;
            case "export":
                TakeExport(value);
                break;
            case "constraint" when value.Length > 0 && !value.AsSpan().ContainsAny(Choices):
                foreach (var feature in value.Split('&', ','))
                    Add("--label", feature.Contains('=', StringComparison.Ordinal) ? feature : feature + "=true");
                break;
            case "nodelist" when NodeIds.IsValid(value):
                Add("--node", value);
                break;
            case "licenses":
                TakeLicences(value, shown);
                break;
            case "ntasks" or "nodes" or "ntasks-per-node" when value == "1":
            case "requeue" or "parsable" or "quiet" or "verbose":
                // What happens anyway.
                break;
            case "output" or "error":
                Warn(shown, "is left out: the cluster keeps what a task writes (artel logs, artel fetch)");
                break;
            case "hold":
                Warn(shown, "is left out: 'artel run' waits for the job; submit it");
                break;
            default:
                Warn(shown, "means nothing to Artel: left out");
                break;
        }
    }

    private void TakeGpus(string value, string shown)
    {
        var count = value[(value.LastIndexOf(':') + 1)..];
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            Warn(shown, "is no number of gpus: left out");
            return;
        }

        Add("--gpus", count);
        if (count.Length < value.Length)
            Warn(shown, "is taken without the kind of gpu: choose nodes with --label");
    }

    private void TakeDependencies(string value, string shown)
    {
        foreach (var part in value.Split(','))
        {
            var pieces = part.Split(':');
            var option = pieces[0] switch { "afterok" => "--after", "afterany" => "--after-any", _ => null };
            if (option is null || pieces.Length < 2 || value.Contains('?', StringComparison.Ordinal))
            {
                Warn(shown, $"has '{part}', which means nothing to Artel: left out");
                continue;
            }

            // Element 3 of array job 12 is '12_3' there.
            foreach (var job in pieces.Skip(1))
                Add(option, job.Replace('_', '.'));
        }
    }

    private void TakePriority(long priority, string shown)
    {
        var taken = Math.Clamp(priority, -JobLimits.MaxPriority, JobLimits.MaxPriority);
        Add("--priority", Number(taken));
        if (taken != priority)
            Warn(shown, $"is taken as priority {Number(taken)}");
    }

    private void TakeExport(string value)
    {
        var names = value.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var inherited = names.Where(n => !n.Contains('=', StringComparison.Ordinal) && n is not ("ALL" or "NONE" or "NIL")).ToList();
        if (names.Contains("ALL"))
            Add("--inherit-env", "all");
        else if (inherited.Count > 0)
            Add("--inherit-env", string.Join(',', inherited));

        foreach (var pair in names.Where(n => n.Contains('=', StringComparison.Ordinal)))
            Add("--env", TaskMarks.Escape(pair));
    }

    private void TakeLicences(string value, string shown)
    {
        foreach (var licence in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var pieces = licence.Split(':');
            Add("--tag", pieces[0]);
            if (pieces.Length > 1 && pieces[1] != "1")
                Warn(shown, $"is taken as one '{pieces[0]}' a task: a limit of a tag counts tasks");
        }
    }

    private void Add(params string[] words) => _lines.Add(words);

    private void Warn(string option, string words) => _warnings.Add(FormattableString.Invariant($"{file}:{_line}: {option} {words}"));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
