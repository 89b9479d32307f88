namespace Artel.Cli.Commands;

/// <summary>
/// Arguments that are not UTF-8: what a task gets passes as it is, and everything else is refused, since it cannot be
/// shown, stored or opened as it is.
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
                return $"the argument '{RawText.Show(arguments[i])}' is not UTF-8: rename it, or write it where bytes pass as they are: "
                    + "in a command after '--', in --env and in --cwd";
            }
        }

        return null;
    }
}
