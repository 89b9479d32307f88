namespace Artel.Cli.Commands;

/// <summary>
/// Refuses arguments that are not UTF-8, except those that a task gets: everything else would be shown, stored or
/// opened with other bytes.
/// </summary>
internal static class RawArguments
{
    private static readonly string[] Passing = ["--env", "--cwd"];

    /// <summary>Null, or why this command line is refused.</summary>
    public static string? Problem(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count && arguments[i] != "--"; i++)
        {
            if (!RawText.HasBytes(arguments[i]))
                continue;

            var option = arguments[i].Split('=', 2)[0];
            if (!Passing.Contains(option) && !(i > 0 && Passing.Contains(arguments[i - 1])))
            {
                return $"the argument '{RawText.Show(arguments[i])}' is not UTF-8: rename it, or write it where any "
                    + "bytes are allowed: in a command after '--', in --env or in --cwd";
            }
        }

        return null;
    }
}
