using Artel.Protocol.V1;

namespace Artel.Protocol.Maps;

/// <summary>Reads what a map says is to follow the end of its job.</summary>
internal sealed class OnEndReader(MistakeLog log, MapContext context)
{
    public static readonly string[] Keys = ["run", "webhook", "when"];

    private readonly ValueReader _values = new(log);

    /// <summary>What could be read; null where there is nothing to check.</summary>
    public OnEnd? Read(MapNode node)
    {
        var onEnd = new OnEnd { Cwd = context.SubmissionDirectory ?? "" };
        foreach (var (key, value) in _values.Table(node, "on_end", "{ run: [./notify.sh, '{job}'], when: failure }"))
        {
            switch (key.Text)
            {
                case "run":
                    ReadRun(value, onEnd);
                    break;
                case "webhook":
                    if (_values.Text(value, "webhook", out var url))
                        onEnd.Webhook = url;
                    break;
                case "when":
                    if (_values.Text(value, "when", out var when))
                        onEnd.When = ReadWhen(value, when);
                    break;
                default:
                    log.Add(key, $"unknown key '{Quote.Shorten(key.Text)}' in on_end", MapKeys.Remedy(key.Text, Keys));
                    break;
            }
        }

        // That there is neither command nor webhook is no mistake of its own where one was meant and could not be read.
        var isMeant = node is MapTable table && table.Entries.Any(e => e.Key.Text != "when");
        return log.IsSilenced(node) || (isMeant && onEnd.Command.Count == 0 && onEnd.Webhook.Length == 0 && !IsEmptyRun(node)) ? null : onEnd;
    }

    private static bool IsEmptyRun(MapNode node) => (node as MapTable)?.Find("run")?.Value is MapList { Items.Count: 0 };

    private void ReadRun(MapNode node, OnEnd onEnd)
    {
        if (node is MapScalar { IsNull: false } line)
        {
            log.Spoil(line, $"run is one text, '{Quote.Shorten(line.Text)}', not an argument array", "write a list, like [./notify.sh, '{job}']");
            return;
        }

        foreach (var item in _values.List(node, "run", "[./notify.sh, '{job}']"))
        {
            _ = _values.Text(item, $"argument {onEnd.Command.Count} of run", out var argument);
            onEnd.Command.Add(argument);
        }
    }

    private OnEnd.Types.When ReadWhen(MapNode node, string text)
    {
        switch (text)
        {
            case "always":
                return OnEnd.Types.When.Always;
            case "success":
                return OnEnd.Types.When.Success;
            case "failure":
                return OnEnd.Types.When.Failure;
            default:
                log.Spoil(node, $"when is '{Quote.Shorten(text)}'", "one of always, success, failure");
                return OnEnd.Types.When.Unspecified;
        }
    }
}
