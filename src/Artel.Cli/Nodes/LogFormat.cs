using System.CommandLine;
using Artel.Cli.Submitting;

namespace Artel.Cli.Nodes;

/// <summary>How a server or a node says what happens.</summary>
internal enum LogFormat
{
    /// <summary>Short lines for people.</summary>
    Text,

    /// <summary>An object a line.</summary>
    Json,
}

/// <summary><c>--log-format</c>, and the variable that stands for it.</summary>
internal static class LogFormats
{
    public const string Name = "--log-format";
    private const string Variable = "ARTEL_LOG_FORMAT";

    private static readonly Dictionary<string, LogFormat> Words = new(StringComparer.Ordinal) { ["text"] = LogFormat.Text, ["json"] = LogFormat.Json };

    public static Option<LogFormat> Option() => Choices.Of(Name, "How it logs, on standard error: text or json, an object a line [text, ARTEL_LOG_FORMAT].", Words);

    /// <summary>What was chosen.</summary>
    /// <exception cref="CommandFailure">The variable names no format.</exception>
    public static LogFormat Chosen(ParseResult parsed, Option<LogFormat> option, Func<string, string?> variable)
    {
        if (parsed.GetResult(option) is { Implicit: false })
            return parsed.GetValue(option);

        return variable(Variable) is not { Length: > 0 } word ? LogFormat.Text
            : Words.TryGetValue(word, out var format) ? format
            : throw CommandFailure.WrongUsage($"{Variable}: '{word}' is none of {string.Join(", ", Words.Keys)}");
    }

    public static string WordOf(LogFormat format) => Words.First(w => w.Value == format).Key;
}
