using Spectre.Console;

namespace Artel.Cli.Output;

/// <summary>A question that is answered with yes or no.</summary>
internal static class Confirmation
{
    /// <summary>Null if nobody can be asked: standard input or standard error is not a terminal.</summary>
    public static bool? Ask(Terminal terminal, string question)
    {
        if (Console.IsInputRedirected || !terminal.ErrorIsTerminal)
            return null;

        terminal.Error.Write(new Text(Terminal.Plain($"{question} [y/N] ")));
        return Console.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }
}
