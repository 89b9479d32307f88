using System.CommandLine;
using System.Globalization;
using Artel.Protocol.Maps;

namespace Artel.Cli.Commands;

/// <summary>How much of the end of an output is wanted: lines, or bytes where a unit is given.</summary>
internal sealed class TailOption
{
    private const int MostLines = 1_000_000;

    public Option<string?> Option { get; } = new("--tail")
    {
        Description = "Only so many lines at the end of each stream, such as 20; or bytes, such as 4KiB.",
        HelpName = "N|SIZE",
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (Parse(text, out var error) is not null)
                return text;

            result.AddError($"--tail: {error}");
            return null;
        },
    };

    /// <summary>At most one of the two; both 0: all.</summary>
    public (int Lines, long Bytes) Read(ParseResult parsed) =>
        parsed.GetValue(Option) is { } text && Parse(text, out _) is { } read ? read : (0, 0);

    internal static (int Lines, long Bytes)? Parse(string text, out string error)
    {
        error = "";
        if (text.All(char.IsAsciiDigit))
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var lines) && lines is > 0 and <= MostLines)
                return (lines, 0);

            error = $"'{text}' is no number of lines from 1 to {MostLines}: write one like 20";
            return null;
        }

        if (Sizes.TryParse(text, out var bytes, out _))
            return (0, bytes);

        error = $"'{text}' says no lines and no bytes: write lines like 20, or bytes like 4KiB";
        return null;
    }
}
